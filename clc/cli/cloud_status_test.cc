#include "clc/cli/cloud_status.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

namespace angophora::clc::cli {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string service(const std::string& type, const std::string& name, const std::string& state,
                    const std::string& version = "1") {
  return "<item><serviceId><type>" + type + "</type><partition>zone-a</partition><name>" + name +
         "</name><uri>https://x:1</uri></serviceId><localState>" + state +
         "</localState><version>" + version +
         "</version><statusDetails><item><message>because</message></item></statusDetails></item>";
}

struct Answers {
  std::string services = service("cloud", "clc", "ENABLED", "") +
                         service("walrus", "w", "ENABLED") + service("cluster", "cc", "ENABLED") +
                         service("storage", "sc", "ENABLED") + service("node", "n1", "ENABLED", "");
  std::string unknown_guests;
  std::string storage = "<capacityGib>100</capacityGib><usedGib>10</usedGib>";
  std::string cloud = "<volumes><item><name>in-use</name><count>2</count></item></volumes>";

  CloudStatus read() const {
    const auto services_answer =
        xml::read("<r><serviceStatuses>" + services + "</serviceStatuses></r>").value();
    const auto nodes =
        xml::read(
            "<r><nodeControllers><item><name>n1</name><zone>zone-a</zone><localState>ENABLED"
            "</localState><total><vcpus>4</vcpus><memoryMib>1000</memoryMib>"
            "<diskGib>50</diskGib></total><available><vcpus>1</vcpus>"
            "<memoryMib>400</memoryMib><diskGib>20</diskGib></available><instanceTypes>"
            "<item><name>t2.nano</name><max>4</max><available>1</available></item>"
            "<item><name>huge</name><max>0</max><available>0</available></item>"
            "</instanceTypes><instances><item><instanceId>i-1</instanceId></item></instances>"
            "<unknownInstances>" +
            unknown_guests +
            "</unknownInstances>"
            "</item></nodeControllers></r>")
            .value();
    const auto cloud_answer =
        xml::read(
            "<r><regionName>south</regionName><registryVersion>7</registryVersion>"
            "<accounts>3</accounts><storages><item><zone>zone-a</zone><name>sc</name>"
            "<reported>true</reported>" +
            storage + "</item></storages>" + cloud + "</r>")
            .value();
    return read_cloud_status(services_answer, nodes, cloud_answer).value();
  }
  std::vector<std::string> problems() const { return problems_of(read()); }
};

TEST(CloudStatus, OfAWholeCloudIsWell) {
  const Answers answers;
  EXPECT_THAT(answers.problems(), IsEmpty());
  const auto text = text_of(answers.read());
  EXPECT_THAT(text, HasSubstr("all is well"));
  EXPECT_THAT(text, HasSubstr("t2.nano=1/4"));
  EXPECT_THAT(text, ::testing::Not(HasSubstr("huge")));
  EXPECT_THAT(text, HasSubstr("3/4"));
  EXPECT_THAT(text, HasSubstr("600/1000"));
  EXPECT_THAT(text, HasSubstr("Volumes: 2 in-use"));
  EXPECT_THAT(text, HasSubstr("Registry version: 7"));
  EXPECT_THAT(text, HasSubstr("10 of 100 GiB"));
}

TEST(CloudStatus, AsJsonSaysTheSame) {
  const auto value = boost::json::parse(json_of(Answers().read())).as_object();
  EXPECT_TRUE(value.at("well").as_bool());
  EXPECT_EQ(value.at("registry_version").as_int64(), 7);
  EXPECT_EQ(value.at("nodes").at(0).at("instance_types").at("t2.nano").at("available").as_int64(),
            1);
  EXPECT_EQ(value.at("volumes").at("in-use").as_int64(), 2);
  Answers broken;
  broken.services += service("node", "n2", "NOTREADY");
  const auto other = boost::json::parse(json_of(broken.read())).as_object();
  EXPECT_FALSE(other.at("well").as_bool());
  EXPECT_EQ(other.at("problems").as_array().size(), 1u);
}

TEST(CloudStatus, NamesAComponentThatIsNotReadyAndWhy) {
  Answers answers;
  answers.services += service("node", "n2", "NOTREADY");
  EXPECT_THAT(answers.problems(), Contains("node n2 is NOTREADY: because"));
}

TEST(CloudStatus, LeavesAStoppedComponentAlone) {
  Answers answers;
  answers.services += service("node", "n2", "STOPPED");
  EXPECT_THAT(answers.problems(), IsEmpty());
}

TEST(CloudStatus, MissesWhatACloudNeeds) {
  Answers answers;
  answers.services = service("cloud", "clc", "ENABLED");
  EXPECT_THAT(answers.problems(), Contains(HasSubstr("no Walrus")));
  EXPECT_THAT(answers.problems(), Contains(HasSubstr("no availability zone")));
  answers.services = service("walrus", "w", "ENABLED") + service("cluster", "cc", "ENABLED");
  EXPECT_THAT(answers.problems(), Contains(HasSubstr("zone zone-a has no node")));
  EXPECT_THAT(answers.problems(), Contains(HasSubstr("zone zone-a has no storage")));
}

TEST(CloudStatus, NamesVersionsThatDiffer) {
  Answers answers;
  answers.services += service("storage", "old", "ENABLED", "0.9");
  EXPECT_THAT(answers.problems(), Contains(HasSubstr("0.9 (old)")));
}

TEST(CloudStatus, NamesGuestsAndVolumesThatNobodyKnows) {
  Answers answers;
  for (int i = 0; i < 7; ++i)
    answers.unknown_guests += "<item><instanceId>i-" + std::to_string(i) + "</instanceId></item>";
  answers.storage += "<unknownVolumes><item><volumeId>vol-1</volumeId></item></unknownVolumes>";
  EXPECT_THAT(answers.problems(), Contains(HasSubstr("i-3, i-4 and 2 more")));
  EXPECT_THAT(answers.problems(), Contains(HasSubstr("sc keeps volumes")));
}

TEST(CloudStatus, NamesAStorageThatIsNearlyFullOrDamaged) {
  Answers answers;
  answers.storage =
      "<capacityGib>100</capacityGib><usedGib>90</usedGib><damagedVolumes><item>"
      "<volumeId>vol-1</volumeId><reason>its file is gone</reason></item></damagedVolumes>";
  EXPECT_THAT(answers.problems(), Contains(HasSubstr("nearly full: 90 of 100 GiB")));
  EXPECT_THAT(answers.problems(), Contains("volume vol-1 is damaged: its file is gone"));
}

TEST(CloudStatus, NamesWhatDoesNotGetOn) {
  Answers answers;
  answers.cloud =
      "<notWritable>the disk is full</notWritable><stuckAttachments><item><volumeId>vol-1"
      "</volumeId><instanceId>i-1</instanceId><state>detaching</state><since>noon</since></item>"
      "</stuckAttachments><volumes><item><name>error</name><count>1</count></item></volumes>";
  EXPECT_THAT(answers.problems(), Contains(HasSubstr("the disk is full")));
  EXPECT_THAT(answers.problems(), Contains("attachment vol-1 at i-1 is detaching since noon"));
  EXPECT_THAT(answers.problems(), Contains("1 volume(s) could not be made"));
}

TEST(CloudStatus, IsNotMadeOfHalfAnAnswer) {
  const auto empty = xml::read("<r/>").value();
  EXPECT_FALSE(read_cloud_status(empty, empty, empty));
}

}  // namespace
}  // namespace angophora::clc::cli
