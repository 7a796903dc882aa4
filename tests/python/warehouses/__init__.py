"""dbt against cloud warehouses that are not there."""
