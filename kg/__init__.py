"""Tracegraph: a knowledge graph of companies, people and products in which every edge cites its sentence.

The flow, top to bottom; a module imports only modules above it (tests/test_layout.py):

    errors, records, settings, resources, iris       the words that everything else speaks
    page_chrome, running_text, datelines, web_pages  1  which part of a page is the article, what it says of itself
    sources, documents                               1  files -> Documents (text as it is, running text marked)
    lexicon, names, dates, numerals, amounts         what can be read without a model: spellings, dates, money
    pieces, reader                                   the shipped model: tokens -> scored names, scored pairs of names
    sentences, mentions                              3  Document -> sentences -> names (kg_sentences, kg_mentions)
    coreference                                      4  names -> clusters (kg_coreference)
    pairs                                            5  pairs of clusters, scored by the reader (kg_pairs)
    patterns, relations, statuses, speakers          5  phrases: relation, status, who says so
    proposals, claims                                5  reader and phrases -> claims (kg_claims)
    figure_cues, figure_subjects, observations       5  phrases: what a figure measures, and of whom
    figures                                          5  amounts -> observations (kg_observations)
    ent_names                                        3  names from another spaCy component (kg_names_from_ents)
    chat, answers, grounds, llm                      5  a language model of the user's (kg_llm, kg_llm_claims)
    pipeline, annotations                            2  all of it as one nlp; Document -> Extraction
    extractions, reading                             many documents, in parallel, with a cache
    profiles, entities                               6  clusters of all documents -> entities
    findings, quads                                  7  extractions + entities -> quads, one named graph a document
    shapes                                           8  quads -> accepted, quarantined (the only module with pyshacl)
    store, dataset                                   9  quads -> an on-disk snapshot, published by rename
    build_cache, intake, graphs                      1 to 8 again, only for what has changed since the last build
    questions, sparql                                10 query text -> checked, run, serialised, within limits
    tables, export                                   11 snapshot -> Turtle and others, the same bytes every time
    neighbourhood, explorer                          12 snapshot -> self-contained page (the only module with pyvis)
    build                                            calls 1 to 9 in order: READ THIS FILE FIRST
    gold, score, evaluation                          what a careful reader finds -> how well documents are read
    ask, cli                                         the command `kg`

Where a change goes:

    a document format     one function and one line in documents.READERS, one file in tests/data
    a relation            ontology/kg.ttl, shapes.ttl, records.SIGNATURES, seeds/cues/relations.csv
    an NLP component      one factory (with requires and assigns) and one block in pipeline.cfg
    a question            one queries/cqNN_*.rq and one expected file
    an export format      one line in export.FORMATS and one round-trip case
"""

__version__ = "0.1.0"
