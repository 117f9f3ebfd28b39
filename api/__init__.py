"""HTTP: SPARQL protocol, export, explorer."""
