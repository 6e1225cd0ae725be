"""What several tests need: namespaces with sockets in them, the programs that are compared, a fake peer."""
