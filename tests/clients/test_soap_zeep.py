"""python3-zeep: EC2's SOAP interface with the user's X.509 key, from the served description to a guest."""

import unittest
import uuid

import cloud
import soap_user
import zeep.exceptions


def items(leaf, *values):
    return {"item": [{leaf: value} for value in values]}


class Zeep(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        env = cloud.ENVIRONMENT
        cls.ec2 = soap_user.zeep_client(env["EC2_URL"], env["EC2_PRIVATE_KEY"], env["EC2_CERT"])

    def test_an_instance_from_run_to_terminate(self):
        name = "zeep-" + uuid.uuid4().hex[:8]
        self.assertEqual(
            soap_user.texts(self.ec2.DescribeRegions(), "regionInfo/item/regionName"), ["angophora"])
        made = self.ec2.CreateKeyPair(keyName=name)
        self.addCleanup(self.ec2.DeleteKeyPair, keyName=name)
        self.assertIn("PRIVATE KEY", soap_user.texts(made, "keyMaterial")[0])
        images = self.ec2.DescribeImages(imagesSet=items("imageId", cloud.image_id()))
        self.assertEqual(soap_user.texts(images, "imagesSet/item/imageId"), [cloud.image_id()])

        run = self.ec2.RunInstances(
            imageId=cloud.image_id(), minCount=1, maxCount=1, instanceType="t2.nano", keyName=name,
            groupSet=items("groupName", "default"), userData={"data": "aGVsbG8="},
            placement={"availabilityZone": "zone-a"}, clientToken=name)
        (instance,) = soap_user.texts(run, "instancesSet/item/instanceId")
        self.addCleanup(self.terminate, instance)

        def state(wanted):
            answer = self.ec2.DescribeInstances(
                instancesSet=items("instanceId", instance),
                filterSet={"item": [
                    {"name": "instance-state-name", "valueSet": items("value", *wanted)},
                    {"name": "key-name", "valueSet": items("value", name)}]})
            return soap_user.texts(answer, "reservationSet/item/instancesSet/item/instanceState/name")

        cloud.wait_until("running", lambda: state(["running"]) == ["running"], 120)
        self.assertEqual(state(["stopped", "pending"]), [])
        self.assertEqual(self.terminate(instance), ["running"])
        cloud.wait_until("terminated", lambda: state(["terminated"]) == ["terminated"], 60)

    def terminate(self, instance):
        answer = self.ec2.TerminateInstances(instancesSet=items("instanceId", instance))
        return soap_user.texts(answer, "instancesSet/item/previousState/name")

    def test_faults_have_the_codes_of_ec2(self):
        with self.assertRaises(zeep.exceptions.Fault) as caught:
            self.ec2.RunInstances(imageId="emi-0123456789abcdef0", minCount=1, maxCount=1)
        self.assertEqual(caught.exception.code, "aws:Client.InvalidAMIID.NotFound")


if __name__ == "__main__":
    unittest.main()
