"""The arithmetic of money: amounts, fees, shares, splits, lots. Nothing here touches a database."""
