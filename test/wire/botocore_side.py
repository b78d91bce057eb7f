"""The other side of the wire tests: botocore writes requests and reads answers.

Reads {"cases": [{service, operation, input, output, answer: {status, headers, body}}]} and writes, for each case, null
where this botocore's model lacks the operation, else {request, input, mismatch}: the request it writes, the input it
wrote (without members that its model lacks), and how the answer, read, differs from the output (null when it does not).
"""

import base64
import json
import sys
from datetime import datetime, timedelta, timezone
from urllib.parse import urlencode

from botocore.awsrequest import HeadersDict
from botocore.parsers import create_parser
from botocore.serialize import create_serializer
from botocore.session import get_session

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


def project(value, shape):
    """The value as botocore takes it, without what its model lacks."""
    kind = shape.type_name
    if getattr(shape, 'is_document_type', False):
        return value
    if kind == 'structure':
        return {k: project(v, shape.members[k]) for k, v in value.items() if k in shape.members}
    if kind == 'string' and isinstance(value, int):
        return str(value)  # page sizes of Route 53 were text, and are numbers in newer models
    if kind == 'list':
        return [project(v, shape.member) for v in value]
    if kind == 'map':
        return {k: project(v, shape.value) for k, v in value.items()}
    if kind == 'timestamp':
        return EPOCH + timedelta(milliseconds=value['$date'])
    if kind == 'blob':
        return base64.b64decode(value['$bytes'])
    return value


def plain(value):
    """A value as JSON, dates and bytes marked."""
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items()}
    if isinstance(value, list):
        return [plain(v) for v in value]
    if isinstance(value, datetime):
        return {'$date': round((value - EPOCH).total_seconds() * 1000)}
    if isinstance(value, bytes):
        return {'$bytes': base64.b64encode(value).decode()}
    return value


def body_of(body):
    if isinstance(body, dict):
        return urlencode(body, doseq=True)
    if isinstance(body, bytes):
        return body.decode()
    return body or ''


session = get_session()
models = {}


def run(case):
    service = case['service']
    model = models.get(service) or models.setdefault(service, session.get_service_model(service))
    if case['operation'] not in model.operation_names:
        return None
    operation = model.operation_model(case['operation'])
    protocol = model.metadata['protocol']
    value = project(case['input'], operation.input_shape) if operation.input_shape else {}
    request = create_serializer(protocol, False).serialize_to_request(value, operation)
    answer = case['answer']
    response = {'status_code': answer['status'], 'headers': HeadersDict(answer['headers']), 'body': answer['body'].encode()}
    parsed = create_parser(protocol).parse(response, operation.output_shape)
    metadata = parsed.pop('ResponseMetadata', {})
    mismatch = None
    if answer['status'] < 300:
        expected = project(case['output'], operation.output_shape) if operation.output_shape else {}
        if plain(parsed) != plain(expected):
            mismatch = {'expected': plain(expected), 'parsed': plain(parsed)}
    return {
        'request': {
            'method': request['method'],
            'path': request['url_path'],
            'query': request['query_string'],
            'headers': dict(request['headers']),
            'body': body_of(request['body']),
        },
        'input': plain(value),
        'mismatch': mismatch,
        'error': plain(parsed.get('Error')),
        'requestId': metadata.get('RequestId'),
    }


def fractional_members():
    """Request members that are floats or doubles, as Structure.Member."""
    found = set()
    for service in json.load(sys.stdin)['fractionalOf']:
        model = session.get_service_model(service)
        seen = set()

        def walk(shape):
            if shape.name in seen:
                return
            seen.add(shape.name)
            if shape.type_name == 'structure':
                for name, member in shape.members.items():
                    if member.type_name in ('float', 'double'):
                        found.add(f'{shape.name}.{name}')
                    walk(member)
            elif shape.type_name == 'list':
                walk(shape.member)
            elif shape.type_name == 'map':
                walk(shape.value)

        for name in model.operation_names:
            shape = model.operation_model(name).input_shape
            if shape:
                walk(shape)
    return sorted(found)


if sys.argv[1:] == ['fractional']:
    json.dump(fractional_members(), sys.stdout)
else:
    json.dump([run(case) for case in json.load(sys.stdin)['cases']], sys.stdout)
