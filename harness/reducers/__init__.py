"""How events change a state: table 9.2 of the contract, one module per part of the state."""
