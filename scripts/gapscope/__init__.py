"""The library. Each room imports only from those before it:

common, config, data, simulation, network, evaluation, diagnosis, remedies, reporting, studies.
"""
