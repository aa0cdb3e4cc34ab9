#include "tests/histories/world/orders.h"

namespace angophora::histories {
namespace {

using common::Errc;
using namespace std::chrono_literals;

constexpr auto kLimit = 30s;
constexpr auto kAnswerLimit = 5s;
constexpr auto kTryAgain = 25ms;

// Asking again may help.
bool may_pass(const Error& error) {
  return error.code == Errc::unavailable || error.code == Errc::timed_out ||
         error.code == Errc::limit_exceeded ||
         (error.code.category() == make_error_code(soap::SoapErrc::malformed).category() &&
          error.code != soap::SoapErrc::refused_by_peer);
}

Error stuck(const std::string& what) {
  return {Errc::timed_out, what + " is stuck for half a minute"};
}

t__instanceSpec spec_of(const GuestName& guest) {
  t__instanceSpec spec;
  spec.instanceId = guest.instance;
  spec.reservationId = "r-00000001";
  spec.accountId = "000000000001";
  spec.placementNo = 1;
  spec.zone = "zone-a";
  spec.instanceType.name = "t";
  spec.instanceType.vcpus = 1;
  spec.instanceType.memoryMib = 64;
  spec.instanceType.diskGib = 1;
  spec.machineImage.imageId = "emi-00000001";
  spec.machineImage.kind = "machine";
  spec.machineImage.wholeDisk = true;
  spec.hostname = "guest";
  spec.net.macAddress = "d0:0d:00:00:00:01";
  spec.net.privateIp = "10.100.0.5";
  return spec;
}

}  // namespace

template <class Op>
Task<typename Op::Reply> Orders::ask(soap::Channel& channel, std::string to,
                                     typename Op::Request request) {
  const ServiceName name(to);
  const soap::CallOptions options(kAnswerLimit, "req-history");
  const auto give_up = runtime_.steady_now() + kLimit;
  for (;;) {
    auto again = request;
    auto answer = co_await soap::call<Op>(channel, name, std::move(again), options);
    if (answer || !may_pass(answer.error())) co_return answer;
    if (runtime_.steady_now() > give_up)
      co_return stuck(std::string(Op::kName) + " at " + to + " (" + answer.error().message + ")");
    const common::Duration pause = kTryAgain;
    co_await runtime_.sleep_for(pause);
  }
}

void Orders::begin() {
  for (const auto& name : kNodes) runtime_.spawn("listen to " + name, listen(name));
}

awaitable<void> Orders::listen(std::string name) {
  std::string boot;
  std::int64_t generation = 0;
  const ServiceName to(name);
  const soap::CallOptions options(kAnswerLimit, "req-listen");
  while (!runtime_.stopping() && !ended_) {
    node::DescribeNode::Request request;
    if (!boot.empty()) request.knownBootId = boot;
    request.knownGeneration = generation;
    request.waitMs = 1000;
    auto answer = co_await soap::call<node::DescribeNode>(programs_.cluster(), to,
                                                          std::move(request), options);
    if (!answer) {
      const common::Duration pause = kTryAgain;
      co_await runtime_.sleep_for(pause);
      continue;
    }
    auto& report = answer.value();
    boot = report.node.bootId;
    generation = report.node.generation;
    // Until it has found its guests it speaks for nobody.
    if (report.node.state != "ready") continue;
    reports_[name] = std::move(report.instances);
    heard_.notify();
  }
}

std::string Orders::state_of(const GuestName& guest, const std::string& volume,
                             std::int64_t epoch) const {
  const auto at = reports_.find(guest.node);
  if (at == reports_.end()) return "";
  for (const auto& instance : at->second) {
    if (instance.instanceId != guest.instance) continue;
    if (volume.empty()) return instance.state;
    for (const auto& one : instance.volumes)
      if (one.volumeId == volume && one.attachmentEpoch == epoch)
        return one.state + (one.reason ? " " + *one.reason : "");
  }
  return "";
}

// --- guests ---

Task<> Orders::run_guest(GuestName guest) {
  node::RunInstances::Request request;
  request.instances.push_back(spec_of(guest));
  CO_TRY(const auto answer,
         co_await ask<node::RunInstances>(programs_.cluster(), guest.node, std::move(request)));
  const auto give_up = runtime_.steady_now() + kLimit;
  while (state_of(guest, "", 0) != "running") {
    if (runtime_.steady_now() > give_up) co_return stuck("the start of " + guest.instance);
    const common::Duration pause = kTryAgain;
    co_await heard_.wait(runtime_, pause);
  }
  co_return common::ok();
}

Task<> Orders::end_guest(GuestName guest) {
  const auto give_up = runtime_.steady_now() + kLimit;
  for (;;) {
    node::TerminateInstances::Request request;
    auto& one = request.instances.emplace_back();
    one.instanceId = guest.instance;
    one.placementNo = 1;
    CO_TRY(const auto answer, co_await ask<node::TerminateInstances>(
                                  programs_.cluster(), guest.node, std::move(request)));
    if (!answer.outcomes.empty() && answer.outcomes[0].accepted &&
        state_of(guest, "", 0) == "terminated")
      co_return common::ok();
    if (runtime_.steady_now() > give_up) co_return stuck("the end of " + guest.instance);
    const common::Duration pause = kTryAgain;
    co_await heard_.wait(runtime_, pause);
  }
}

// --- storage ---

Task<> Orders::create_volume(std::string volume, std::string snapshot) {
  storage::CreateVolume::Request request;
  request.volumeId = std::move(volume);
  request.sizeGib = 1;
  if (!snapshot.empty()) request.snapshotId = std::move(snapshot);
  CO_TRY_VOID(co_await ask<storage::CreateVolume>(programs_.cloud().channel(), kStorage,
                                                  std::move(request)));
  co_return common::ok();
}

// As long as its snapshots are pending it is in use.
Task<> Orders::delete_volume(std::string volume) {
  const auto give_up = runtime_.steady_now() + kLimit;
  for (;;) {
    storage::DeleteVolume::Request request;
    request.volumeId = volume;
    const auto answer = co_await ask<storage::DeleteVolume>(programs_.cloud().channel(), kStorage,
                                                            std::move(request));
    if (answer) co_return common::ok();
    if (answer.error().message.find("in_use") == std::string::npos) co_return Error(answer.error());
    if (runtime_.steady_now() > give_up)
      co_return stuck("DeleteVolume (" + answer.error().message + ")");
    const common::Duration pause = kTryAgain;
    co_await runtime_.sleep_for(pause);
  }
}

Task<> Orders::create_snapshot(std::string snapshot, std::string volume) {
  storage::CreateSnapshot::Request request;
  request.snapshotId = std::move(snapshot);
  request.volumeId = std::move(volume);
  CO_TRY_VOID(co_await ask<storage::CreateSnapshot>(programs_.cloud().channel(), kStorage,
                                                    std::move(request)));
  co_return common::ok();
}

Task<> Orders::delete_snapshot(std::string snapshot) {
  storage::DeleteSnapshot::Request request;
  request.snapshotId = std::move(snapshot);
  CO_TRY_VOID(co_await ask<storage::DeleteSnapshot>(programs_.cloud().channel(), kStorage,
                                                    std::move(request)));
  co_return common::ok();
}

Task<storage__DescribeVolumesResponseType> Orders::describe_storage() {
  storage::DescribeVolumes::Request request;
  co_return co_await ask<storage::DescribeVolumes>(programs_.cloud().channel(), kStorage,
                                                   std::move(request));
}

Task<> Orders::revoke(std::string volume, std::int64_t epoch) {
  storage::RevokeExport::Request request;
  request.volumeId = std::move(volume);
  request.attachmentEpoch = epoch;
  CO_TRY_VOID(co_await ask<storage::RevokeExport>(programs_.cloud().channel(), kStorage,
                                                  std::move(request)));
  co_return common::ok();
}

// --- attachments ---

Task<> Orders::order_attach(GuestName guest, std::string volume, std::int64_t epoch,
                            std::string device) {
  const auto give_up = runtime_.steady_now() + kLimit;
  for (;;) {
    node::AttachVolume::Request request;
    request.instanceId = guest.instance;
    request.placementNo = 1;
    request.volumeId = volume;
    request.attachmentEpoch = epoch;
    request.device = device;
    request.storageHost = "127.0.0.1";
    request.storagePort = programs_.port_of(kStorage);
    request.storageName = kStorage;
    CO_TRY(const auto answer,
           co_await ask<node::AttachVolume>(programs_.cluster(), guest.node, std::move(request)));
    const auto& outcome = answer.outcome;
    if (outcome.accepted) co_return common::ok();
    const auto why = outcome.code.value_or("") + ": " + outcome.reason.value_or("");
    // The guest may still have the disk of an attachment before, which is on its way out.
    if (!why.starts_with("unavailable") && !why.starts_with("device_in_use"))
      co_return Error(Errc::permission_denied, "AttachVolume: " + why);
    if (runtime_.steady_now() > give_up) co_return stuck("AttachVolume (" + why + ")");
    const common::Duration pause = kTryAgain;
    co_await runtime_.sleep_for(pause);
  }
}

Task<> Orders::attach(GuestName guest, std::string volume, std::int64_t epoch, std::string device) {
  storage::GrantExport::Request grant;
  grant.volumeId = volume;
  grant.instanceId = guest.instance;
  grant.nodeName = guest.node;
  grant.attachmentEpoch = epoch;
  CO_TRY_VOID(
      co_await ask<storage::GrantExport>(programs_.cloud().channel(), kStorage, std::move(grant)));
  CO_TRY_VOID(co_await order_attach(guest, volume, epoch, std::move(device)));
  const auto give_up = runtime_.steady_now() + kLimit;
  for (;;) {
    const auto state = state_of(guest, volume, epoch);
    if (state.starts_with("attached")) co_return common::ok();
    if (state.starts_with("failed"))
      co_return Error(Errc::unavailable,
                      "attaching " + volume + " to " + guest.instance + ": " + state);
    if (runtime_.steady_now() > give_up)
      co_return stuck("attaching " + volume + " to " + guest.instance + " (" + state + ")");
    const common::Duration pause = kTryAgain;
    co_await heard_.wait(runtime_, pause);
  }
}

Task<> Orders::detach(GuestName guest, std::string volume, std::int64_t epoch, bool force) {
  node::DetachVolume::Request request;
  request.instanceId = guest.instance;
  request.placementNo = 1;
  request.volumeId = volume;
  request.attachmentEpoch = epoch;
  request.force = force;
  CO_TRY(const auto answer,
         co_await ask<node::DetachVolume>(programs_.cluster(), guest.node, std::move(request)));
  if (answer.outcome.accepted) co_return common::ok();
  co_return Error(Errc::permission_denied, "DetachVolume: " + answer.outcome.code.value_or("") +
                                               ": " + answer.outcome.reason.value_or(""));
}

Task<> Orders::until_detached(GuestName guest, std::string volume, std::int64_t epoch) {
  const auto give_up = runtime_.steady_now() + kLimit;
  for (;;) {
    const auto state = state_of(guest, volume, epoch);
    if (state.starts_with("detached") || state.starts_with("failed")) co_return common::ok();
    if (runtime_.steady_now() > give_up)
      co_return stuck("detaching " + volume + " from " + guest.instance + " (" + state + ")");
    const common::Duration pause = kTryAgain;
    co_await heard_.wait(runtime_, pause);
  }
}

}  // namespace angophora::histories
