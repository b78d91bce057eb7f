"""conversation.py SERVER-NAMESPACE ADDRESS CLIENT-NAMESPACE: one TCP conversation between kernels, with a server's and a client's own sockets."""
import ctypes, socket, sys, threading

libc = ctypes.CDLL(None, use_errno=True)


def socket_in(namespace):
    with open(f"/run/netns/{namespace}") as file:
        if libc.setns(file.fileno(), 0x40000000) != 0:
            raise OSError(ctypes.get_errno(), f"setns {namespace}")
    one = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    one.settimeout(10)
    return one


server_namespace, address, client_namespace = sys.argv[1:]
server = socket_in(server_namespace)
server.bind((address, 8080))
server.listen()
seen = []


def serve():
    connection, peer = server.accept()
    seen.append(peer[0])
    connection.sendall(connection.recv(5))
    connection.close()


thread = threading.Thread(target=serve)
thread.start()
client = socket_in(client_namespace)
client.connect((address, 8080))
client.sendall(b"hello")
heard = client.recv(5).decode()
thread.join()
print(f"server saw {seen[0]}, client heard {heard}")
