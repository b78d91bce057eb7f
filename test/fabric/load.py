#!/usr/bin/python3
"""Requests over connections that are kept, from several threads, until standard input ends: says how many there were and what failed."""
import http.client
import json
import sys
import threading

host, threads = sys.argv[1], int(sys.argv[2])
isOver = False
asked = [0] * threads
failures = []


def work(number):
    connection = http.client.HTTPConnection(host, 80, timeout=10)
    while not isOver:
        try:
            connection.request("GET", f"/{number}")
            answer = connection.getresponse()
            answer.read()
            asked[number] += 1
            if answer.status != 200:
                failures.append(f"status {answer.status}")
            if answer.getheader("connection") == "close":
                connection.close()
        except Exception as error:  # whatever it is, it is a request that was lost
            failures.append(repr(error))
            connection.close()


workers = [threading.Thread(target=work, args=(number,)) for number in range(threads)]
for worker in workers:
    worker.start()
print("begun", flush=True)
sys.stdin.read()
isOver = True
for worker in workers:
    worker.join()
print(json.dumps({"asked": sum(asked), "failures": failures[:10], "failed": len(failures)}), flush=True)
