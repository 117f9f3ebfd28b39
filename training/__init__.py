"""How the shipped model is made from open data; needs the `train` extra, never imported by kg or api."""
