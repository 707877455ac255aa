"""What can be asked of a running twin from outside: looking (`looking`) and steering (`steering`), under `/_twin/`."""
