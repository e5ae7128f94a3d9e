"""What is written on, and what that lies on: paper and its rulings, print and wear, boards, tables."""
