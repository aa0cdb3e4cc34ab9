#include "nc/instances/instances.h"

#include <algorithm>

#include "common/log/log.h"
#include "nc/instances/console.h"
#include "nc/instances/live.h"
#include "nc/instances/outcomes.h"

namespace angophora::nc {

using common::Errc;
using common::Error;
using common::Result;
using common::Task;

namespace {

bool is_mac(std::string_view text) {
  if (text.size() != 17) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool colon = i % 3 == 2;
    if (colon ? text[i] != ':' : !std::isxdigit(static_cast<unsigned char>(text[i]))) return false;
  }
  return true;
}

Result<> check_spec(const InstanceSpec& spec) {
  const auto bad = [](const std::string& what) { return Error(Errc::invalid_argument, what); };
  if (!is_safe_name(spec.id.value)) return bad("\"" + spec.id.value + "\" is not an instance id");
  const auto& id = spec.id.value;
  if (!is_safe_name(spec.machine_image.id.value)) return bad(id + " has no machine image");
  if (spec.type.vcpus == 0 || spec.type.memory_mib == 0)
    return bad(id + " is of a type without processors or memory");
  if (!is_mac(spec.net.mac_address)) return bad(id + " has no valid MAC address");
  if (spec.net.private_ip.empty()) return bad(id + " has no private address");
  for (const unsigned char c : spec.kernel_arguments)
    if (c < 0x20 || c == 0x7f) return bad(id + " has control characters in its kernel arguments");
  if (!spec.kernel_image && !spec.machine_image.whole_disk)
    return bad(id + " cannot boot: its image has no boot loader, and there is no kernel");
  return common::ok();
}

}  // namespace

Instances::Instances(common::Runtime& runtime, Seams seams, InstancesOptions options)
    : runtime_(runtime),
      seams_(seams),
      options_(std::move(options)),
      boot_id_(runtime.random_hex(32)),
      started_at_(runtime.steady_now()) {}

Instances::~Instances() { seams_.hypervisor.on_event({}); }

Instances::LivePtr Instances::find(const InstanceId& id) const {
  const auto it = all_.find(id);
  return it == all_.end() ? nullptr : it->second;
}

Resources Instances::used() const {
  Resources sum;
  for (const auto& [id, live] : all_) {
    if (is_over(live->record.state)) continue;
    const auto held = held_by(live->record.spec);
    sum.vcpus += held.vcpus;
    sum.memory_mib += held.memory_mib;
    sum.disk_gib += held.disk_gib;
  }
  return sum;
}

std::string Instances::not_ready_reason() const {
  if (!hypervisor_trouble_.empty()) return hypervisor_trouble_;
  if (!recovered_) return still_finding().message;
  if (!network_trouble_.empty()) return network_trouble_;
  return disk_trouble_;
}

void Instances::set_condition(std::string& condition, std::string reason) {
  if (condition == reason) return;
  // Figures in a reason may change all the time; only coming and going is news.
  const bool news = condition.empty() != reason.empty();
  condition = std::move(reason);
  if (!news) return;
  touch();
  if (condition.empty()) {
    if (recovered_) log::info("node.trouble_over", {{"ready", not_ready_reason().empty()}});
  } else {
    log::warn("node.trouble", {{"reason", condition}});
  }
}

Result<> Instances::check_order(const InstanceSpec& spec) const {
  TRY_VOID(check_spec(spec));
  if (!hypervisor_trouble_.empty()) return Error(Errc::unavailable, hypervisor_trouble_);
  if (!network_trouble_.empty()) return Error(Errc::unavailable, network_trouble_);
  if (!disk_trouble_.empty()) return Error(Errc::limit_exceeded, disk_trouble_);
  return check_fit(total_, used(), spec);
}

Task<Outcome> Instances::run(InstanceSpec spec) {
  const auto id = spec.id;
  if (!recovered_) co_return refuse(id, still_finding());
  if (unreadable_.contains(id))
    co_return refuse(id, "io", "the record of " + id.value + " on this node cannot be read");
  const auto known = find(id);
  if (!known) co_return co_await admit(std::move(spec));
  if (spec.placement_no < known->record.spec.placement_no)
    co_return refuse_stale(known->record, spec.placement_no);
  if (spec.placement_no == known->record.spec.placement_no) {
    auto saved = co_await persist(known);  // the first order may not have got that far
    if (!saved) co_return refuse(id, saved.error());
    known->acknowledged = true;
    co_return accept(id);
  }
  if (is_over(known->record.state)) co_return co_await admit(std::move(spec));
  if (change(*known, InstanceEvent::terminate, "another placement of the instance was ordered")) {
    (void)co_await persist(known);
    ensure_driven(known);
  }
  co_return refuse(id, "unavailable", "an earlier placement of " + id.value + " is being removed");
}

Task<Outcome> Instances::admit(InstanceSpec spec) {
  const auto id = spec.id;
  if (auto fits = check_order(spec); !fits) co_return refuse(id, fits.error());
  const auto before = find(id);
  InstanceRecord record;
  record.spec = std::move(spec);
  record.changed_at = runtime_.now();
  record.sequence = before ? before->record.sequence + 1 : 1;
  const auto live = std::make_shared<Live>(std::move(record));
  live->entered_at = runtime_.steady_now();
  all_[id] = live;
  touch();
  live->generation = generation_;
  auto saved = co_await persist(live);
  if (!saved) {
    if (!live->acknowledged && find(id) == live) all_.erase(id);
    touch();
    co_return refuse(id, saved.error());
  }
  live->acknowledged = true;
  log::info("instance.ordered", {{"instance", id},
                                 {"placement", live->record.spec.placement_no},
                                 {"type", live->record.spec.type.name},
                                 {"image", live->record.spec.machine_image.id}});
  ensure_driven(live);
  co_return accept(id);
}

Task<Outcome> Instances::terminate(InstanceId id, std::int64_t placement_no) {
  if (!recovered_) co_return refuse(id, still_finding());
  const auto live = find(id);
  if (!live) co_return co_await bury_unknown(id, placement_no);
  auto& record = live->record;
  if (placement_no < record.spec.placement_no) co_return refuse_stale(record, placement_no);
  if (placement_no > record.spec.placement_no) {
    record.spec.placement_no = placement_no;
    ++record.sequence;
  }
  change(*live, InstanceEvent::terminate, "terminated by order");
  auto saved = co_await persist(live);
  if (!is_over(record.state)) ensure_driven(live);
  if (!saved) co_return refuse(id, saved.error());
  co_return accept(id);
}

// Remembers that this placement is over, so that an order to run it that comes late is harmless.
Task<Outcome> Instances::bury_unknown(InstanceId id, std::int64_t placement_no) {
  if (!is_safe_name(id.value))
    co_return refuse(id, "invalid_argument", "\"" + id.value + "\" is not an instance id");
  if (unreadable_.contains(id))
    co_return refuse(id, "io", "the record of " + id.value + " on this node cannot be read");
  InstanceRecord record;
  record.spec.id = id;
  record.spec.placement_no = placement_no;
  record.state = InstanceState::terminated;
  record.reason = "terminated by order; it never was on this node";
  record.changed_at = runtime_.now();
  const auto live = std::make_shared<Live>(std::move(record));
  all_[id] = live;
  touch();
  live->generation = generation_;
  auto saved = co_await persist(live);
  if (!saved) co_return refuse(id, saved.error());
  co_return accept(id);
}

Task<Outcome> Instances::reboot(InstanceId id, std::int64_t placement_no) {
  if (!recovered_) co_return refuse(id, still_finding());
  const auto live = find(id);
  if (!live)
    co_return refuse(id, "not_found", "there is no instance " + id.value + " on this node");
  if (placement_no < live->record.spec.placement_no)
    co_return refuse_stale(live->record, placement_no);
  if (live->record.state != InstanceState::running)
    co_return refuse(id, "incorrect_state",
                     id.value + " is " + std::string(to_string(live->record.state)));
  if (live->rebooting) co_return accept(id);
  live->rebooting = true;
  runtime_.spawn("reboot", finish_reboot(live));
  co_return accept(id);
}

Task<std::string> Instances::console(InstanceId id, std::int64_t placement_no) {
  const auto live = find(id);
  if (!live || placement_no < live->record.spec.placement_no)
    co_return Error(Errc::not_found, "there is no instance " + id.value + " on this node");
  auto work = [path = InstanceFiles(options_.instances_dir, id).console()] {
    return read_console(path);
  };
  co_return co_await runtime_.run_blocking(std::move(work));
}

NodeReport Instances::report() const {
  NodeReport report;
  report.boot_id = boot_id_;
  report.generation = generation_;
  report.reason = not_ready_reason();
  report.ready = report.reason.empty();
  report.hypervisor = seams_.hypervisor.description();
  report.virtualization = std::string(to_string(seams_.hypervisor.virtualization()));
  report.total = total_;
  report.used = used();
  report.network_version = seams_.network.applied_version();
  for (const auto& [id, live] : all_) {
    const auto& record = live->record;
    auto& to = report.instances.emplace_back(InstanceReport{
        id, record.spec.placement_no, record.state, record.reason, live->generation});
    for (const auto& [volume, a] : record.volumes)
      to.volumes.push_back({volume, a.epoch, a.device, reported_state(a), a.reason});
  }
  return report;
}

Task<NodeReport> Instances::await_report(std::string known_boot_id, std::int64_t known_generation,
                                         common::Duration wait) {
  const auto deadline = runtime_.steady_now() + wait;
  if (known_boot_id == boot_id_ && !known_since_) known_since_ = runtime_.steady_now();
  while (known_boot_id == boot_id_ && known_generation == generation_) {
    const common::Duration left = deadline - runtime_.steady_now();
    if (left <= common::Duration::zero() || runtime_.stopping()) break;
    if (!co_await changed_.wait(runtime_, left)) break;
  }
  co_return report();
}

std::optional<InstanceSpec> Instances::by_address(std::string_view private_ip) const {
  for (const auto& [id, live] : all_) {
    if (is_over(live->record.state) || live->record.spec.net.private_ip != private_ip) continue;
    auto spec = live->record.spec;
    if (auto today = seams_.network.facts_of(id)) {
      spec.net.public_ip = std::move(today->public_ip);
      // A cloud controller of an earlier version does not tell the names.
      if (!today->group_names.empty()) spec.group_names = std::move(today->group_names);
    }
    return spec;
  }
  return std::nullopt;
}

}  // namespace angophora::nc
