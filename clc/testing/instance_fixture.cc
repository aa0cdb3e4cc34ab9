#include "clc/testing/instance_fixture.h"

#include "clc/store/identities.h"
#include "clc/store/instances.h"
#include "clc/store/registrations.h"
#include "clc/store/volumes.h"
#include "common/crypto/x509.h"

namespace angophora::clc::testing {

InstanceFixture::InstanceFixture() {
  cloud.emplace(InstanceServices{zones, cluster, walrus, image_keys,
                                 parse_instance_network(config.instance_network).value(),
                                 &storage});
  services->cloud = &*cloud;
  add_service("cc-a", ServiceType::cluster);
  add_service("node-1", ServiceType::node);
  add_service("sc-a", ServiceType::storage);
  add_service("walrus", ServiceType::walrus);
  add_certificate();
  zones.set_registered({{ZoneName("zone-a"), ServiceName("cc-a")}}, {NodeName("node-1")});
  set_room({8, 16384, 200});
}

void InstanceFixture::add_service(const std::string& name, ServiceType type) {
  Service service;
  service.name = ServiceName(name);
  service.type = type;
  service.zone = ZoneName(has_zone(type) ? "zone-a" : "");
  service.host = name;
  service.port = 1;
  const auto now = runtime.now();
  write([=](Tx& tx) -> Result<> {
    TRY_VOID(Registrations(tx).insert(service));
    return Registrations(tx).enrol(service.name, "s-" + name, "e-" + name, now);
  }).value();
}

void InstanceFixture::add_certificate() {
  crypto::CertificateSubject subject;
  subject.common_name = "ana";
  subject.not_before = runtime.now();
  subject.not_after = runtime.now() + std::chrono::hours(24);
  subject.serial = "1";
  const auto pem = crypto::Certificate::self_signed(sample_keys().user, subject).value().pem();
  write([&](Tx& tx) -> Result<> {
    Account account{caller.account, "ana", std::string(64, 'a'), {}};
    User user{caller.user, caller.account, "ana", "/", {}};
    TRY_VOID(Identities(tx).insert(account));
    TRY_VOID(Identities(tx).insert(user));
    return Identities(tx).insert(UserCertificate{"cert-1", caller.user, pem, true, {}});
  }).value();
}

void InstanceFixture::set_room(Resources room) {
  ZoneReport report;
  report.boot_id = "boot";
  NodeState node;
  node.name = NodeName("node-1");
  node.ready = node.reachable = true;
  node.total = room;
  node.guest_vcpus_max = room.vcpus;
  report.nodes.push_back(node);
  report.asked_at = report.received_at = runtime.steady_now();
  zones.set_report(ZoneName("zone-a"), report);
}

std::string InstanceFixture::put_bundle(SampleBundle bundle, const std::string& name) {
  AdmittedBundle stored;
  stored.manifest = bundle.document();
  for (const auto& [file, bytes] : bundle.parts) stored.parts.push_back({file, bytes});
  walrus.bundles["images/" + name + ".manifest.xml"] = stored;
  return "images/" + name + ".manifest.xml";
}

std::string InstanceFixture::register_image(SampleBundle bundle, const std::string& name) {
  const auto location = put_bundle(std::move(bundle), name);
  const auto reply = call("RegisterImage", {{"ImageLocation", location}, {"Name", name}});
  EXPECT_TRUE(reply) << reply.error().message;
  return reply ? reply.value().find("imageId").value_or("") : "";
}

std::string InstanceFixture::run(const std::string& image, Pairs more) {
  Pairs pairs{{"ImageId", image}, {"MinCount", "1"}, {"MaxCount", "1"}};
  pairs.insert(pairs.end(), more.begin(), more.end());
  const auto reply = call("RunInstances", pairs);
  EXPECT_TRUE(reply) << reply.error().message;
  return reply ? reply.value().find("instancesSet/item/instanceId").value_or("") : "";
}

void InstanceFixture::make_running(const std::string& instance) {
  const auto now = runtime.now();
  write([=](Tx& tx) -> Result<> {
    const InstanceId id(instance);
    TRY_VOID(Instances(tx).place(id, 1, NodeName("node-1"), now));
    TRY_VOID(Instances(tx).advance(id, 1, InstanceEvent::booted, {}, now));
    return common::ok();
  }).value();
}

Instance InstanceFixture::get(const std::string& instance) {
  return write([=](Tx& tx) { return Instances(tx).find(InstanceId(instance)); }).value().value();
}

std::string InstanceFixture::create_volume(Pairs more) {
  Pairs pairs{{"AvailabilityZone", "zone-a"}, {"Size", "1"}};
  for (auto& pair : more) {
    std::erase_if(pairs, [&](const auto& p) { return p.first == pair.first; });
    pairs.push_back(std::move(pair));
  }
  const auto reply = call("CreateVolume", pairs);
  EXPECT_TRUE(reply) << reply.error().message;
  if (!reply) return "";
  const auto id = reply.value().find("volumeId").value_or("");
  const auto now = runtime.now();
  write([=](Tx& tx) {
    return Volumes(tx).advance(VolumeId(id), VolumeEvent::made, "", now);
  }).value();
  return id;
}

void InstanceFixture::move_attachment(const std::string& volume,
                                      std::vector<AttachmentEvent> events) {
  const auto now = runtime.now();
  for (const auto event : events) {
    const auto epoch = get_volume(volume).epoch;
    const bool moved = write([=](Tx& tx) {
                         return Attachments(tx).advance(VolumeId(volume), epoch, event, "", now);
                       }).value();
    EXPECT_TRUE(moved);
  }
}

Volume InstanceFixture::get_volume(const std::string& volume) {
  return write([=](Tx& tx) { return Volumes(tx).find(VolumeId(volume)); }).value().value();
}

}  // namespace angophora::clc::testing
