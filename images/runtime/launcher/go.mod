module urvpn.io/launcher

go 1.26.0
