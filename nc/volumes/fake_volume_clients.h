// Volume clients without programs, for tests and simulations. They outlive the daemon that started
// them: hand the same object to the next daemon.
#pragma once

#include <map>
#include <optional>

#include "nc/domain/fake_steps.h"
#include "nc/volumes/volume_clients.h"

namespace angophora::nc {

class FakeVolumeClients final : public VolumeClients {
 public:
  struct Client {
    bool runs = true;
    bool cut_off = false;
    VolumeExport exported = {};  // what it was last told to connect to
  };

  common::Task<> ensure(VolumeClientId id, VolumeExport exported) override {
    if (steps) co_await steps->step();
    if (failure) co_return *failure;
    auto [it, fresh] = clients.try_emplace(id);
    if (fresh || !it->second.runs || it->second.cut_off) ++starts;
    it->second = {true, false, std::move(exported)};
    if (steps) co_await steps->step();
    co_return common::ok();
  }
  common::Task<> cut_off(VolumeClientId id, std::uint64_t) override {
    if (steps) co_await steps->step();
    clients[id] = {true, true, {}};
    if (steps) co_await steps->step();
    co_return common::ok();
  }
  common::Task<> stop(VolumeClientId id) override {
    if (steps) co_await steps->step();
    if (stop_failure) co_return *stop_failure;
    clients.erase(id);
    if (steps) co_await steps->step();
    co_return common::ok();
  }
  common::Task<std::vector<VolumeClientId>> ended() override {
    std::vector<VolumeClientId> gone;
    for (const auto& [id, client] : clients)
      if (!client.runs) gone.push_back(id);
    co_return gone;
  }
  common::Task<std::vector<VolumeClientId>> list() override {
    std::vector<VolumeClientId> all;
    for (const auto& [id, client] : clients) all.push_back(id);
    co_return all;
  }
  std::string socket_of(const VolumeClientId& id) const override {
    return "/run/" + id.instance.value + "/" + id.volume.value;
  }

  std::map<VolumeClientId, Client> clients;
  std::optional<common::Error> failure;  // of ensure()
  std::optional<common::Error> stop_failure;
  int starts = 0;
  FakeSteps* steps = nullptr;
};

}  // namespace angophora::nc
