"""Worker processes: a pool that reads many photos in order, a crew that stays, and how one starts and ends."""
