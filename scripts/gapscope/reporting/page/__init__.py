"""Sections of the page: tables, texts and figures for its templates."""
