"""Evaluation against ground truth: character and word error rate, confusions, calibration, reports."""
