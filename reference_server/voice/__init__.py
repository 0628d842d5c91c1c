"""Who is in which voice channel (contract 2.5); media is none of the server's business."""
