"""Walkthroughs 1 and 2 with boto3: waiters, paginators and resources; every answer is checked against botocore's own model.

Reads AWS_ENDPOINT_URL and the credentials from the environment and prints one JSON object.
"""

import json
import logging
import os
import sys
import xml.etree.ElementTree as ElementTree

import boto3
from botocore.config import Config

LINUX = "resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"

unknown_elements = []
warnings = []
calls = []


class Collect(logging.Handler):
    def emit(self, record):
        warnings.append(record.getMessage())


logging.getLogger().addHandler(Collect(level=logging.WARNING))


def local_name(element):
    return element.tag.rpartition("}")[2]


def check(element, shape, path):
    """Notes every element of an answer that the model's shape has no place for."""
    if shape.type_name == "structure":
        members = {member.serialization.get("name", name): member for name, member in shape.members.items()}
        for child in element:
            name = local_name(child)
            if name in members:
                check(child, members[name], f"{path}.{name}")
            elif name not in ("requestId", "RequestId"):
                unknown_elements.append(f"{path}.{name}")
    elif shape.type_name == "list":
        for child in element:
            if local_name(child) != shape.member.serialization.get("name", "member"):
                unknown_elements.append(f"{path}.{local_name(child)}")
            check(child, shape.member, f"{path}[]")
    elif len(element) > 0:
        unknown_elements.append(f"{path} has elements inside a {shape.type_name}")


def after_call(http_response, parsed, model, **_):
    calls.append(model.name)
    if http_response.status_code < 300 and model.output_shape is not None:
        check(ElementTree.fromstring(http_response.content), model.output_shape, model.name)


session = boto3.session.Session()
config = Config(retries={"max_attempts": 0})
endpoint = os.environ["AWS_ENDPOINT_URL"]
client = session.client("ec2", endpoint_url=endpoint, config=config)
resource = session.resource("ec2", endpoint_url=endpoint, config=config)
for one in (client, resource.meta.client):
    one.meta.events.register("after-call.ec2", after_call)


def wait(name, **arguments):
    client.get_waiter(name).wait(WaiterConfig={"Delay": 1, "MaxAttempts": 10}, **arguments)


def tags(kind, name):
    return [{"ResourceType": kind, "Tags": [{"Key": "Name", "Value": name}]}]


def public_vpc():
    vpc = client.create_vpc(CidrBlock="10.0.0.0/24", InstanceTenancy="default", TagSpecifications=tags("vpc", "w1"))["Vpc"]
    vpc_id = vpc["VpcId"]
    wait("vpc_available", VpcIds=[vpc_id])
    subnet_id = client.create_subnet(VpcId=vpc_id, AvailabilityZone="eu-west-1a", CidrBlock="10.0.0.0/28")["Subnet"]["SubnetId"]
    wait("subnet_available", SubnetIds=[subnet_id])
    gateway_id = client.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    client.attach_internet_gateway(InternetGatewayId=gateway_id, VpcId=vpc_id)
    main = [{"Name": "vpc-id", "Values": [vpc_id]}, {"Name": "association.main", "Values": ["true"]}]
    table_id = client.describe_route_tables(Filters=main)["RouteTables"][0]["RouteTableId"]
    client.create_route(RouteTableId=table_id, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway_id)
    key = client.create_key_pair(KeyName="w1", KeyType="rsa")
    group_id = client.create_security_group(GroupName="ssh", Description="ssh", VpcId=vpc_id)["GroupId"]
    ssh = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0", "Description": "all"}]}
    client.authorize_security_group_ingress(GroupId=group_id, IpPermissions=[ssh])
    launched = client.run_instances(
        ImageId=LINUX,
        InstanceType="t3.micro",
        KeyName="w1",
        MinCount=1,
        MaxCount=1,
        SubnetId=subnet_id,
        SecurityGroupIds=[group_id],
        TagSpecifications=tags("instance", "web"),
    )
    instance_id = launched["Instances"][0]["InstanceId"]
    wait("instance_running", InstanceIds=[instance_id])
    wait("instance_status_ok", InstanceIds=[instance_id])
    address = client.allocate_address(Domain="vpc")
    client.associate_address(AllocationId=address["AllocationId"], InstanceId=instance_id)

    # The same, read as resources.
    instance = resource.Instance(instance_id)
    read = resource.Vpc(vpc_id)
    shown = {
        "publicIp": instance.public_ip_address,
        "state": instance.state["Name"],
        "tags": instance.tags,
        "subnets": [one.id for one in read.subnets.all()],
        "instances": [one.id for one in read.instances.filter(Filters=[{"Name": "instance-state-name", "Values": ["running"]}])],
        "gateways": [one.id for one in read.internet_gateways.all()],
        "groups": sorted(one.group_name for one in read.security_groups.all()),
        "acls": [one.is_default for one in read.network_acls.all()],
        "routes": [[one.destination_cidr_block, one.gateway_id] for one in resource.RouteTable(table_id).routes],
        "interfaces": [one.private_ip_address for one in instance.network_interfaces],
        "launchedIsTime": hasattr(instance.launch_time, "isoformat"),
        "keyBegins": key["KeyMaterial"].splitlines()[0],
        "key": resource.KeyPair("w1").key_fingerprint == key["KeyFingerprint"],
        "addresses": [one.instance_id for one in resource.vpc_addresses.all()],
    }
    expected = {"subnets": [subnet_id], "instances": [instance_id], "gateways": [gateway_id], "addresses": [instance_id]}
    return {"shown": shown, "expected": expected, "gatewayId": gateway_id, "publicIp": address["PublicIp"], "instanceId": instance_id}


def private_vpc():
    address = client.allocate_address(Domain="vpc")
    vpc_id = client.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    wait("vpc_available", VpcIds=[vpc_id])
    client.modify_vpc_attribute(VpcId=vpc_id, EnableDnsHostnames={"Value": True})
    places = [("eu-west-1a", "10.0.0.0/24"), ("eu-west-1b", "10.0.1.0/24")]
    subnets = [client.create_subnet(VpcId=vpc_id, AvailabilityZone=zone, CidrBlock=block)["Subnet"]["SubnetId"] for zone, block in places]
    gateway = resource.create_internet_gateway()
    gateway.attach_to_vpc(VpcId=vpc_id)
    nat = client.create_nat_gateway(SubnetId=subnets[0], AllocationId=address["AllocationId"])["NatGateway"]
    wait("nat_gateway_available", NatGatewayIds=[nat["NatGatewayId"]])
    for subnet_id, target in zip(subnets, [{"GatewayId": gateway.id}, {"NatGatewayId": nat["NatGatewayId"]}]):
        table = resource.Vpc(vpc_id).create_route_table()
        table.create_route(DestinationCidrBlock="0.0.0.0/0", **target)
        table.associate_with_subnet(SubnetId=subnet_id)
    [instance] = resource.create_instances(ImageId=LINUX, InstanceType="t3.micro", MinCount=1, MaxCount=1, SubnetId=subnets[1])
    wait("instance_running", InstanceIds=[instance.id])
    described = client.describe_nat_gateways(Filters=[{"Name": "vpc-id", "Values": [vpc_id]}])["NatGateways"][0]
    return {
        "instanceId": instance.id,
        "natIp": described["NatGatewayAddresses"][0]["PublicIp"],
        "elasticIp": address["PublicIp"],
        "natState": described["State"],
        "dnsHostnames": client.describe_vpc_attribute(VpcId=vpc_id, Attribute="enableDnsHostnames")["EnableDnsHostnames"],
        "vpcId": vpc_id,
        "subnets": subnets,
    }


def paged(vpc_id, subnets):
    made = [client.create_subnet(VpcId=vpc_id, CidrBlock=f"10.0.{at}.0/24")["Subnet"]["SubnetId"] for at in range(10, 22)]
    pages = client.get_paginator("describe_subnets").paginate(
        Filters=[{"Name": "vpc-id", "Values": [vpc_id]}], PaginationConfig={"PageSize": 5}
    )
    listed = [[one["SubnetId"] for one in page["Subnets"]] for page in pages]
    return {"pages": [len(page) for page in listed], "same": sum(listed, []) == subnets + made}


def taken_away(instance_ids):
    client.terminate_instances(InstanceIds=instance_ids)
    wait("instance_terminated", InstanceIds=instance_ids)
    return [one.state["Name"] for one in resource.instances.filter(InstanceIds=instance_ids)]


def planted():
    """That the check can fail."""
    body = "<R><vpc><vpcId>vpc-1</vpcId><nonsense/><tagSet><item><key><x/></key></item><member/></tagSet></vpc></R>"
    check(ElementTree.fromstring(body), client.meta.service_model.operation_model("CreateVpc").output_shape, "R")
    found = list(unknown_elements)
    unknown_elements.clear()
    return found


plant = planted()
first = public_vpc()
second = private_vpc()
third = paged(second["vpcId"], second["subnets"])
json.dump(
    {"planted": plant, "first": first, "second": second, "third": third, "calls": len(calls), "unknown": unknown_elements, "warnings": warnings},
    sys.stdout,
)
sys.stdout.write("\n")
sys.stdout.flush()
# The test looks at both networks while they are there, then lets go on.
sys.stdin.readline()
json.dump({"ended": taken_away([first["instanceId"], second["instanceId"]]), "unknown": unknown_elements, "warnings": warnings}, sys.stdout)
