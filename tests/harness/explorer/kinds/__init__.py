"""Tests of the kinds of steps that programs are drawn of."""
