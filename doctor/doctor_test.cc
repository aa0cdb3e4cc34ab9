#include "doctor/doctor.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <filesystem>
#include <fstream>

#include "common/registry/document.h"
#include "common/runtime/sim_runtime.h"
#include "doctor/checks.h"
#include "doctor/fake_machine.h"

namespace angophora::doctor {
namespace {

using namespace std::chrono_literals;

struct Pair {
  crypto::PrivateKey key;
  crypto::Certificate certificate;
};

Pair make_pair(common::SysTime from, common::SysTime to) {
  auto key = crypto::PrivateKey::generate(2048).value();
  crypto::CertificateSubject subject;
  subject.common_name = "component";
  subject.not_before = from;
  subject.not_after = to;
  subject.serial = "7";
  auto certificate = crypto::Certificate::self_signed(key, subject).value();
  return {std::move(key), std::move(certificate)};
}

const common::SysTime kNow{1'700'000'000'500ms};
const Pair& good() {
  static const auto pair = make_pair(kNow - 24h, kNow + 24h * 3650);
  return pair;
}
const Pair& other() {
  static const auto pair = make_pair(kNow - 24h, kNow + 24h * 3650);
  return pair;
}
const Pair& over() {
  static const auto pair = make_pair(kNow - 48h, kNow - 1h);
  return pair;
}
const Pair& ending() {
  static const auto pair = make_pair(kNow - 24h, kNow + 24h * 10);
  return pair;
}
const Pair& coming() {
  static const auto pair = make_pair(kNow + 24h, kNow + 24h * 3650);
  return pair;
}

// A node that is as it should be; each test spoils one thing.
class Doctor : public ::testing::Test {
 protected:
  Doctor() {
    char name[] = "/tmp/doctor-test-XXXXXX";
    folder = mkdtemp(name);
    write_settings("state_dir = \"/state\"\nadmin_port = 9775\n");
    node.name = "nc";
    node.role = soap::Role::node;
    node.state_dir = "/state";
    node.admin_address = "127.0.0.1";
    node.admin_port = 9775;
    node.folders = {"/state"};
    node.virtualization = "auto";
    node.libvirt_socket = "/run/libvirt/libvirt-sock";
    cloud = node;
    cloud.name = "clc";
    cloud.role = soap::Role::cloud;

    machine.files["/state/keys"] = {true, 0700};
    put_pair("signing", good());
    put_pair("encryption", good());
    machine.disks["/state"] = {100ull << 30, 200ull << 30};
    machine.put("/state/virtualization", "2|kernel\nkvm\n");
    machine.put("/proc/sys/net/ipv4/ip_forward", "1\n");
    machine.outputs["nft"] = R"({"nftables": []})";
    machine.outputs["qemu-system-x86_64"] = "QEMU emulator version 7.2\n";
    machine.outputs["angophora-nc"] = "angophora-nc 1.2.3\n";
    machine.contacts["127.0.0.1:9775"] = {200, "ready\n", "", ""};
    registry.version = 7;
    registry.issuedMs = kNow.time_since_epoch().count();
    add_service("clc", "cloud", "", "cloud.example.org", 8779);
    add_service("walrus", "walrus", "", "192.0.2.1", 8778);
    add_service("sc-1", "storage", "zone-a", "192.0.2.2", 8777);
    add_service("sc-2", "storage", "zone-b", "192.0.2.9", 8777);
    add_service("nc-1", "node", "zone-a", "192.0.2.3", 8775);
    machine.addresses["cloud.example.org"] = {"192.0.2.1", "192.0.2.1"};
    put_enrolment();
  }
  ~Doctor() override { std::filesystem::remove_all(folder); }

  // The settings are read from the real disk; that they are there, the machine says.
  void write_settings(const std::string& text) {
    const auto file = folder + "/angophora-nc.toml";
    std::ofstream(file) << text;
    machine.files[file] = {false, 0644};
  }
  void put_pair(const std::string& name, const Pair& pair) {
    machine.put("/state/keys/" + name + ".key", pair.key.pem());
    machine.put("/state/keys/" + name + ".crt", pair.certificate.pem());
  }
  void add_service(const std::string& name, const std::string& type, const std::string& zone,
                   const std::string& host, int port) {
    t__serviceInfo entry;
    entry.name = name;
    entry.type = type;
    if (!zone.empty()) entry.zone = zone;
    entry.host = host;
    entry.port = port;
    entry.state = "ENABLED";
    entry.signingCertificate = entry.encryptionCertificate = good().certificate.der();
    registry.services.push_back(entry);
    Contact contact{404, "", "Tue, 14 Nov 2023 22:13:20 GMT", good().certificate.der()};
    machine.contacts[host + ":" + std::to_string(port)] = contact;
  }
  void put_enrolment() {
    const auto signed_registry = registry::sign_registry(registry, good().key).value();
    machine.put("/state/registry.signed", registry::serialise(signed_registry));
    machine.put(
        "/state/registry.enrolment",
        boost::json::serialize(boost::json::object{
            {"name", "nc-1"}, {"cloud", "clc"}, {"cloud_certificate", good().certificate.pem()}}));
  }
  Membership membership() { return {"nc-1", registry}; }
  Contact& contact(const std::string& at) { return machine.contacts.at(at); }

  template <class T>
  T run(common::awaitable<T> work) {
    return world.run<T>(runtime, std::move(work));
  }
  Findings examine_all() {
    Options options;
    options.settings_dir = folder;
    options.version = "1.2.3";
    return run(examine(machine, options)).value();
  }
  // All findings of the level, as text.
  static std::string told(const Findings& findings, Level level) {
    std::string text;
    for (const auto& f : findings)
      if (f.level == level) text += f.check + " " + f.object + ": " + f.message + "\n";
    return text;
  }
  Findings keys(const LocalDaemon& daemon) {
    Findings findings;
    check_keys(machine, daemon, findings);
    return findings;
  }
  Findings peers() {
    Findings findings;
    EXPECT_TRUE(run(check_peers(machine, node, membership(), findings)));
    return findings;
  }
  Findings certificates() {
    Findings findings;
    check_certificates(machine, node, membership(), findings);
    return findings;
  }
  // The one failure has these words and says what to do.
  static void expect_failure(const Findings& findings, const std::string& words) {
    const auto text = told(findings, Level::failure);
    EXPECT_NE(text.find(words), std::string::npos) << "no \"" << words << "\" in:\n" << text;
    for (const auto& f : findings) {
      const bool says_what_to_do = f.level == Level::fine || !f.remedy.empty();
      EXPECT_TRUE(says_what_to_do) << f.message;
    }
  }

  common::SimWorld world{1};
  common::SimRuntime runtime{world, "doctor"};
  FakeMachine machine;
  LocalDaemon node, cloud;
  t__registry registry;
  std::string folder;
};

TEST_F(Doctor, FindsNothingOnASoundNode) {
  const auto findings = examine_all();
  EXPECT_EQ(told(findings, Level::failure), "");
  EXPECT_EQ(told(findings, Level::warning), "");
  std::set<std::string> checks;
  for (const auto& f : findings) checks.insert(f.check);
  EXPECT_EQ(checks, (std::set<std::string>{"settings", "programs", "version", "running", "disk",
                                           "keys", "enrolment", "certificates", "ports", "clock",
                                           "dns", "virtualization", "forwarding", "firewall"}));
}

TEST_F(Doctor, SaysSoOnAMachineWithoutDaemons) {
  machine.files.clear();
  Options options;
  options.settings_dir = folder;
  const auto found = run(examine(machine, options));
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, common::Errc::not_found);
}

TEST_F(Doctor, NamesASettingThatThereIsNot) {
  write_settings("state_dirr = \"/state\"\n");
  expect_failure(examine_all(), "state_dirr");
}

TEST_F(Doctor, NamesADaemonThatDoesNotAnswerOrIsNotReady) {
  machine.contacts["127.0.0.1:9775"] = {503, "not enrolled yet\nmore", "", ""};
  expect_failure(examine_all(), "is not ready: not enrolled yet\n");
  machine.contacts.erase("127.0.0.1:9775");
  expect_failure(examine_all(), "does not answer");
}

TEST_F(Doctor, NamesAnotherVersion) {
  machine.outputs["angophora-nc"] = "angophora-nc 1.2.2\n";
  expect_failure(examine_all(), "1.2.2");
  machine.outputs.erase("angophora-nc");
  EXPECT_NE(told(examine_all(), Level::warning).find("no program angophora-nc"), std::string::npos);
}

TEST_F(Doctor, NamesADiskThatIsFullOrGettingFull) {
  Findings findings;
  machine.disks["/state"] = {500ull << 20, 100ull << 30};
  check_disk(machine, node, findings);
  expect_failure(findings, "0 % free, 500 MiB");
  findings.clear();
  machine.disks["/state"] = {5ull << 30, 100ull << 30};
  check_disk(machine, node, findings);
  EXPECT_NE(told(findings, Level::warning).find("5 % free"), std::string::npos);
  findings.clear();
  machine.disks.clear();
  check_disk(machine, node, findings);
  expect_failure(findings, "is not there");
}

TEST_F(Doctor, NamesAKeyThatIsMissing) {
  machine.remove("/state/keys/signing.key");
  expect_failure(keys(node), "/state/keys/signing.key: is missing");
  machine.files.erase("/state/keys");
  expect_failure(keys(node), "/state/keys: is not there");
}

TEST_F(Doctor, NamesAKeyThatOthersMayRead) {
  machine.files["/state/keys/encryption.key"].mode = 0640;
  expect_failure(keys(node), "/state/keys/encryption.key: has mode 0640");
  machine.files["/state/keys"].mode = 0755;
  expect_failure(keys(node), "/state/keys: has mode 0755");
}

TEST_F(Doctor, NamesAKeyThatItMayNotRead) {
  machine.forbidden.insert("/state/keys/signing.key");
  expect_failure(keys(node), "may not be read");
}

TEST_F(Doctor, NamesAKeyThatIsDamagedOrAnothers) {
  machine.put("/state/keys/signing.key", "scribble");
  expect_failure(keys(node), "/state/keys/signing.key: is damaged");
  machine.put("/state/keys/signing.key", other().key.pem());
  expect_failure(keys(node), "is not the certificate of");
}

TEST_F(Doctor, WantsTheImageKeyOfACloudController) {
  expect_failure(keys(cloud), "/state/keys/image.key: is missing");
  put_pair("image", good());
  expect_failure(keys(cloud), "/state/keys/secret: is missing");
  expect_failure(keys(cloud), "/state/keys/masters: is missing");
  machine.put("/state/keys/masters", "00000001 key");
  machine.put("/state/keys/secret", std::string(32, 's'));
  EXPECT_EQ(told(keys(cloud), Level::failure), "");
}

TEST_F(Doctor, NamesACertificateThatIsOverEndsSoonOrHasNotBegun) {
  put_pair("signing", over());
  expect_failure(keys(node), "is over since");
  put_pair("signing", ending());
  EXPECT_NE(told(keys(node), Level::warning).find("ends on"), std::string::npos);
  put_pair("signing", coming());
  expect_failure(keys(node), "counts only from");
}

TEST_F(Doctor, NamesAComponentThatIsNotEnrolled) {
  machine.remove("/state/registry.signed");
  expect_failure(examine_all(), "this component is not enrolled");
}

TEST_F(Doctor, NamesARegistryThatIsOldDamagedOrForged) {
  registry.issuedMs -= 86'400'000 * 4;
  put_enrolment();
  expect_failure(examine_all(), "is old");
  machine.put("/state/registry.signed", "scribble");
  expect_failure(examine_all(), "enrolment /state/registry.signed");
  const auto forged = registry::sign_registry(registry, other().key).value();
  machine.put("/state/registry.signed", registry::serialise(forged));
  expect_failure(examine_all(), "enrolment /state/registry.signed");
  put_enrolment();
  machine.put("/state/registry.enrolment", "{}");
  expect_failure(examine_all(), "enrolment /state/registry.enrolment");
}

TEST_F(Doctor, NamesKeysThatAreNotThoseOfTheRegistry) {
  put_pair("signing", other());
  expect_failure(certificates(), "/state/keys/signing.crt: is not the one of the registry");
  put_pair("encryption", other());
  expect_failure(certificates(), "/state/keys/encryption.crt: is not the one");
  registry.services.pop_back();
  expect_failure(certificates(), "nc-1: is not in the registry");
}

TEST_F(Doctor, NamesAnotherComponentsCertificateThatIsOver) {
  registry.services[1].signingCertificate = over().certificate.der();
  expect_failure(certificates(), "walrus in the registry: is over");
  registry.services[1].signingCertificate = "scribble";
  expect_failure(certificates(), "walrus in the registry: is damaged");
}

TEST_F(Doctor, NamesAPortThatCannotBeReached) {
  machine.contacts.erase("192.0.2.1:8778");
  expect_failure(peers(), "walrus at 192.0.2.1:8778: cannot be reached");
}

TEST_F(Doctor, LooksOnlyAtThoseThatANodeSpeaksTo) {
  machine.contacts.erase("192.0.2.9:8777");  // of another zone
  EXPECT_EQ(told(peers(), Level::failure), "");
}

TEST_F(Doctor, NamesAPeerWithAnotherCertificate) {
  contact("192.0.2.2:8777").certificate_der = other().certificate.der();
  expect_failure(peers(), "sc-1 at 192.0.2.2:8777: shows another certificate");
}

TEST_F(Doctor, NamesAClockThatIsOff) {
  machine.time = kNow + 40s;
  expect_failure(peers(), "is 40 s ahead");
  machine.time = kNow - 40s;
  expect_failure(peers(), "is 40 s behind");
  machine.time = kNow + 5s;
  EXPECT_NE(told(peers(), Level::warning).find("is 5 s ahead"), std::string::npos);
  machine.time = kNow + 900ms;
  EXPECT_EQ(told(peers(), Level::warning), "");
  contact("cloud.example.org:8779").date = "yesterday";
  EXPECT_NE(told(peers(), Level::warning).find("no date"), std::string::npos);
}

TEST_F(Doctor, NamesANameThatDoesNotResolve) {
  machine.addresses.clear();
  expect_failure(peers(), "dns cloud.example.org: does not resolve");
}

TEST_F(Doctor, AsksDnsForNoNameOfThisMachineAlone) {
  machine.addresses.clear();
  Findings findings;
  const std::vector<std::string> names = {"localhost", "ec2.localhost", "127.0.0.1"};
  EXPECT_TRUE(run(check_names(machine, names, findings)));
  EXPECT_TRUE(findings.empty());
}

TEST_F(Doctor, NamesAProgramThatIsMissing) {
  machine.missing_programs = {"qemu-img"};
  expect_failure(examine_all(), "programs qemu-img: is missing");
}

TEST_F(Doctor, NamesWhatKeepsGuestsFromRunning) {
  machine.libvirt_listens = false;
  expect_failure(examine_all(), "nobody listens");
  machine.outputs.erase("qemu-system-x86_64");
  expect_failure(examine_all(), "no program qemu-system-x86_64");
}

TEST_F(Doctor, TellsHowTheTrialOfKvmWent) {
  const auto kvm = [&] {
    Findings findings;
    check_virtualization(machine, node, findings);
    return told(findings, Level::warning);
  };
  EXPECT_EQ(kvm(), "");
  machine.put("/state/virtualization", "2|kernel\nqemu\n");
  EXPECT_NE(kvm().find("is not there"), std::string::npos);
  machine.files["/dev/kvm"] = {false, 0660};
  EXPECT_NE(kvm().find("a trial guest did not run"), std::string::npos);
  machine.remove("/state/virtualization");
  EXPECT_NE(kvm().find("has not been tried"), std::string::npos);
  node.virtualization = "qemu";
  EXPECT_EQ(kvm(), "");
}

TEST_F(Doctor, NamesForwardingThatIsOff) {
  machine.put("/proc/sys/net/ipv4/ip_forward", "0\n");
  expect_failure(examine_all(), "ip_forward: is off");
}

TEST_F(Doctor, NamesAForeignFirewallThatDropsGuestsTraffic) {
  machine.outputs["nft"] =
      R"({"nftables": [{"chain": {"family":"ip","table":"filter","name":"FORWARD",
          "hook":"forward","policy":"drop"}},
          {"chain": {"family":"inet","table":"ango_filter","name":"f","hook":"forward",
          "policy":"drop"}}]})";
  expect_failure(examine_all(), "chain FORWARD of table ip filter has the policy drop");
  EXPECT_EQ(told(examine_all(), Level::failure).find("ango"), std::string::npos);
}

TEST_F(Doctor, NamesTheOldIptables) {
  machine.put("/proc/net/ip_tables_names", "filter\n");
  machine.outputs["iptables-legacy"] = "-P FORWARD DROP\n";
  expect_failure(examine_all(), "the old iptables");
}

TEST_F(Doctor, SaysWhenItMayNotSeeTheFirewall) {
  machine.outputs.erase("nft");
  expect_failure(examine_all(), "firewall nft");
}

TEST_F(Doctor, TellsPeopleAndPrograms) {
  machine.put("/proc/sys/net/ipv4/ip_forward", "0\n");
  const auto findings = examine_all();
  const auto text = text_of(findings, false);
  EXPECT_NE(text.find("-> sysctl -w"), std::string::npos);
  EXPECT_EQ(text.find("is within 2 s"), std::string::npos);
  EXPECT_NE(text_of(findings, true).find("is within 2 s"), std::string::npos);
  const auto value = boost::json::parse(json_of(findings)).as_object();
  EXPECT_FALSE(value.at("well").as_bool());
  EXPECT_EQ(value.at("findings").as_array().size(), findings.size());
}

}  // namespace
}  // namespace angophora::doctor
