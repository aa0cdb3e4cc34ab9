// What the tests of EDGE share: a node with a document of two groups, guests to add to it.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "nc/network/edge_host.h"
#include "nc/network/files.h"
#include "nc/network/privileged/namespaces.h"

namespace angophora::nc::testing_bed {

using common::GroupId;
using common::InstanceId;

inline const NetworkRule kEverywhere{"-1", -1, -1, "0.0.0.0/0", {}};

inline NetworkRule open_port(int port) { return {"tcp", port, port, "0.0.0.0/0", {}}; }

class Edge : public testing::Test {
 protected:
  void SetUp() override {
    if (!enter_node()) GTEST_SKIP() << "making network namespaces needs root: not tested";
    char name[] = "/run/edge-XXXXXX";
    folder = mkdtemp(name);
    std::filesystem::permissions(folder, std::filesystem::perms(0755));
    options.state_dir = folder + "/state";
    options.run_dir = folder + "/run";
    options.tap_owner = "root";
    document.version = 1;
    document.subnet_cidr = "10.100.0.0/16";
    document.gateway = "10.100.0.1";
    document.dns_servers = {"192.0.2.53"};
    document.dns_domain = "cloud.internal";
    document.groups = {{GroupId("sg-a"), {}, {kEverywhere}}, {GroupId("sg-b"), {}, {kEverywhere}}};
    host = std::make_unique<EdgeHost>(options);
    const auto prepared = host->prepare();
    ASSERT_TRUE(prepared) << prepared.error().message;
  }
  void TearDown() override {
    if (!host) return;
    EXPECT_TRUE(host->purge());
  }

  // A guest of number 5 has 10.100.0.5, and so on; it has an address without asking for it.
  void add_guest(int number, const std::string& group, bool configure = true) {
    const auto name = "guest" + std::to_string(number);
    const auto address = "10.100.0." + std::to_string(number);
    const Port port{InstanceId("i-" + name), "d0:0d:00:00:00:0" + std::to_string(number), address,
                    tap_name(InstanceId("i-" + name))};
    make_guest(name, port.tap, port.mac_address);
    document.instances.push_back(
        {port.instance, {}, port.mac_address, address, "", {}, {GroupId(group)}});
    ports.push_back(port);
    if (configure)
      sh_in(name, "ip addr add " + address + "/16 dev eth0; ip route add default via 10.100.0.1");
  }

  void converge() {
    ++document.version;
    const auto done = host->converge({document, ports});
    ASSERT_TRUE(done) << done.error().message;
    ASSERT_TRUE(done.value().empty()) << done.value().begin()->second.message;
  }

  std::vector<NetworkRule>& ingress(int group) { return document.groups[group].ingress; }
  std::vector<NetworkRule>& egress(int group) { return document.groups[group].egress; }

 public:
  NetworkDocument document_now() const { return document; }

 protected:
  std::string dnsmasq_pid() const {
    return read_small_file(options.run_dir + "/dnsmasq.pid").value_or("none");
  }

  std::string folder;
  EdgeOptions options;
  NetworkDocument document;
  std::vector<Port> ports;
  std::unique_ptr<EdgeHost> host;
};

}  // namespace angophora::nc::testing_bed
