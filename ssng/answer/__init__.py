"""Between the batches of a source and the output: what is asked for, judged, in order."""
