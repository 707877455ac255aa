"""Whether both twins, and the product, keep to what the vendors publish: Basware's OpenAPI files and QuickBooks' entity catalogue.

`python -m contract` (with this folder's parent on the path) runs everything and prints tables. The vendors' files are not part of
this project; `ML_CONNECTOR_SHARED` names the folder that holds them.
"""
