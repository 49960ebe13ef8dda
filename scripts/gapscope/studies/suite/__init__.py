"""Diagnosis suite: known defects compared with their diagnoses."""
