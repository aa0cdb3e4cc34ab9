// A Network without a kernel, for tests and simulations.
#pragma once

#include <map>
#include <optional>

#include "nc/network/network.h"

namespace angophora::nc {

class FakeNetwork final : public Network {
 public:
  common::Task<Port> add_port(common::InstanceId id, std::string mac_address,
                              std::string private_ip) override {
    if (failure) co_return *failure;
    auto [it, added] = ports.try_emplace(id);
    if (added) {
      it->second = {id, std::move(mac_address), std::move(private_ip),
                    "faketap" + std::to_string(next_tap_++)};
    }
    co_return it->second;
  }
  common::Task<> remove_port(common::InstanceId id) override {
    if (failure) co_return *failure;
    ports.erase(id);
    co_return common::ok();
  }
  common::Task<> apply(NetworkDocument wanted) override {
    if (failure) co_return *failure;
    if (wanted.version > document.version) document = std::move(wanted);
    co_return common::ok();
  }
  common::Task<> adopt(std::vector<Port> live) override {
    ports.clear();
    for (auto& port : live) {
      const auto id = port.instance;
      if (port.tap.empty()) port.tap = "faketap" + std::to_string(next_tap_++);
      ports[id] = std::move(port);
    }
    co_return common::ok();
  }
  std::string trouble() const override { return what_is_wrong; }
  std::string region() const override { return document.region; }
  std::optional<NetworkFacts> facts_of(const common::InstanceId& id) const override {
    const auto all = facts_in(document);
    const auto found = all.find(id);
    if (found == all.end()) return std::nullopt;
    return found->second;
  }
  std::int64_t applied_version() const override { return document.version; }

  std::map<common::InstanceId, Port> ports;
  NetworkDocument document;
  std::optional<common::Error> failure;  // what the next calls answer
  std::string what_is_wrong;

 private:
  int next_tap_ = 1;
};

}  // namespace angophora::nc
