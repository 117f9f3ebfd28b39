"""Every error that Tracegraph raises on purpose, as one tree.

    KgError
      SettingsError        unknown key, or value out of range
      DocumentError        unreadable, too large, empty, wrongly encoded, named like another; or a language model
                           that was to read it does not answer
      ExtractionError      misbuilt pipeline, or evidence that is not the text's (a bug of a stage: the build stops)
      GraphError           bad IRI or literal, unknown predicate
        ShapeError         carries the SHACL report
      CorrectionError      asks for what cannot be, or matches nothing in the graph
      StoreError           missing, damaged, or of another format version
        StoreBusy          another process writes it
      QueryError
        QuerySyntaxError   carries line and column
        QueryRefused       a construct that is not allowed here (SERVICE, LOAD, an update), or a text too large
        QueryTimeout       past its deadline
        ResultTooLarge     past its limit of bytes

A message says what was wrong, where, and what to do, in one line. The command turns a `KgError` into exit code 2 and
the API into the status that `api.responses` lists for it.
"""


class KgError(Exception):
    """Base of every error that a caller may want to catch."""


class SettingsError(KgError):
    """A setting is unknown, malformed or out of range."""


class DocumentError(KgError):
    """One input cannot become a document; the others go on."""


class ExtractionError(KgError):
    """A stage broke its contract; nothing that follows can be trusted."""


class GraphError(KgError):
    """Something cannot be said in RDF: a bad IRI, a bad literal, an unknown predicate."""


class ShapeError(GraphError):
    """Data that the SHACL shapes refuse; `report` is the report in plain words."""

    def __init__(self, message: str, report: str) -> None:
        super().__init__(message)
        self.report = report


class CorrectionError(KgError):
    """A correction that cannot be made, or that changes nothing."""


class StoreError(KgError):
    """The store folder is locked, missing, damaged or of another format version."""


class StoreBusy(StoreError):
    """Another process writes the store."""


class QueryError(KgError):
    """A SPARQL query that did not give an answer."""


class QuerySyntaxError(QueryError):
    """Not SPARQL 1.1; `line` and `column` count from 1, and are 0 where the parser did not say."""

    def __init__(self, message: str, line: int = 0, column: int = 0) -> None:
        super().__init__(message)
        self.line = line
        self.column = column


class QueryRefused(QueryError):
    """A well-formed query that is not run here."""


class QueryTimeout(QueryError):
    """The deadline passed before the answer was whole."""


class ResultTooLarge(QueryError):
    """The answer is larger than the limit in the settings."""
