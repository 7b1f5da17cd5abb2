"""What a manager sees of their branch's meetings on their phone, and says there themselves."""
