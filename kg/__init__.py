"""Tracegraph: a knowledge graph of companies, people and products in which every edge cites its sentence.

The flow, top to bottom; a module imports only modules above it (tests/test_layout.py):

    errors, records, settings, iris      the words that everything else speaks
    running_text, datelines, documents   1  file -> Document (text as it is, running text marked, title and date as stated)
    lexicon, dates, amounts              what can be read in a text without a model: cue words, dates, money and counts
    reader                               the shipped model: text -> scored names and scored pairs of names
    mentions                          3  spaCy Doc -> name spans            (component `kg_mentions`)
    coreference                       4  name spans -> clusters             (component `kg_coreference`)
    roles, statuses, speakers            details of a claim: position, status, who says so
    relations, claims                 5  pairs of clusters -> claims        (component `kg_claims`)
    observations                      5  figures -> observations            (component `kg_observations`)
    pipeline, pipeline.cfg            2  settings -> nlp; Document -> Extraction; the spaCy Doc stops here
    entities                          6  clusters of all documents -> entities
    quads                             7  extractions + entities -> quads, one named graph a document
    shapes                            8  quads -> accepted, quarantined     (the only module with pyshacl)
    store                             9  quads -> an on-disk snapshot, published by rename
    sparql                           10  query text -> checked, run, serialised, within limits
    export                           11  snapshot -> Turtle, TriG, N-Triples, N-Quads, JSON-LD, the same bytes every time
    explorer                         12  snapshot -> neighbourhood -> self-contained page (the only module with pyvis)
    build                                calls 1 to 9 in order: READ THIS FILE FIRST
    score, cli                           quality against gold; the command `kg`

Where a change goes:

    a document format     one function and one line in documents.READERS, one file in tests/data
    a relation            ontology/kg.ttl, shapes.ttl, records.SIGNATURES, kg/lexicon/*.csv
    an NLP component      one factory (with requires and assigns) and one block in pipeline.cfg
    a question            one queries/cqNN_*.rq and one expected file
    an export format      one line in export.FORMATS and one round-trip case
"""

__version__ = "0.1.0"
