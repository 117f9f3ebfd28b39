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
    patterns, roles, successions                     5  phrases: positions that a text gives, and that pass on
    relations, statuses, speakers                    5  phrases: relation, status, who says so
    proposals, claims                                5  reader and phrases -> claims (kg_claims)
    figure_cues, figure_scene, figure_subjects       5  phrases: what a figure measures, and of whom
    observations, figures                            5  amounts -> observations (kg_observations)
    ent_names                                        3  names from another spaCy component (kg_names_from_ents)
    chat, answers, grounds, llm                      5  a language model of the user's (kg_llm, kg_llm_claims)
    pipeline, annotations                            2  all of it as one nlp; Document -> Extraction
    extractions, reading                             many documents, in parallel, with a cache
    profiles, known                                  6  what of a document bears on who is who; a user's own entities
    name_forms, named, company, homonyms, entities   6  clusters of all documents -> entities
    linking                                          6  entities -> Wikidata items of well-known brands, or nothing
    findings, quads                                  7  extractions + entities -> quads, one named graph a document
    corrections, corrections_file                    6  a user's corrections, in one readable file
    asserted, corrected                              6  entities, links and claims as the user has corrected them
    agreement, topics, reprints, conflicts           8  findings of all documents -> who contradicts whom, who agrees
    shapes                                           8  quads -> accepted, quarantined (the only module with pyshacl)
    overlay, listings, locks, uploads                9  what users write and send; what is known of a snapshot
    bulk                                             9  many quads -> a store, at full speed
    contents                                         9  the graphs of a snapshot, and what of each differs
    claim_table, text_index                          9  claims, names and quotes -> a file that can be searched
    store, dataset                                   9  quads -> an on-disk snapshot, published by rename
    backup                                           a store -> one archive that is checked file by file, and back
    build_cache, intake, graphs                      1 to 8 again, only for what has changed since the last build
    questions, sparql_text, sparql                   10 query text -> checked, run, serialised, within limits
    text_search, text_match                          10 a text -> what it means; as kg:textMatch inside a query
    claim_search                                     10 entities and claims by their ends, out of that file
    tally                                            10 counts of a snapshot, in the place of what counts them
    updates, writing                                 10 update text, or a graph sent -> what it adds and removes, kept
    tables, export                                   11 snapshot -> Turtle and others, the same bytes every time
    neighbourhood, labels, positions                 12 snapshot -> what is shown; communities and places of it
    columns, expansion, entity_details, paths        12 what the explorer asks: a part of the graph, in columns
    communities, places, overview                    12 what it opens on: communities of the whole, and places
    picture                                          12 the model of the picture (the only module with pyvis)
    viz_page, explorer                               12 picture -> self-contained page, served, in a file, in a notebook
    build                                            calls 1 to 9 in order: READ THIS FILE FIRST
    correcting                                       what a user says of names -> a correction -> the graph anew
    previewing                                       the same, in words, before it is made
    gold, score, evaluation                          what a careful reader finds -> how well documents are read
    ask, cli_conflicts, cli_correct                  verbs of the command `kg`
    cli_serve, cli_backup, cli                       the rest of it

Where a change goes:

    a document format     one function and one line in documents.READERS, one file in tests/data
    a relation            ontology/kg.ttl, shapes.ttl, records.SIGNATURES, seeds/cues/relations.csv; its wording in
                          api/page_words.py and api/web/src/explorer/words.ts
    an NLP component      one factory (with requires and assigns) and one block in pipeline.cfg
    a question            one queries/cqNN_*.rq and one expected file
    a rule of identity    kg/name_forms.py (which names may be one), kg/company.py (what bears it out), a case in
                          tests/test_entities.py
    a kind of conflict    kg/topics.py, one subproperty in ontology/kg.ttl
    a correction          kg/corrections.py (the record), kg/corrected.py (what it does)
    a route               one module of api/, a router in api/app.py, a row in the README
    a panel to explore    one file in api/web/src/explorer/panels, a line in its app.tsx (api/web/README.md)
    an export format      one line in export.FORMATS and one round-trip case
"""

__version__ = "0.1.0"
