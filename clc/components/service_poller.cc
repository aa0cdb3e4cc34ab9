#include "clc/components/service_poller.h"

#include "clc/instance_services.h"
#include "clc/store/events.h"
#include "clc/store/registrations.h"
#include "common/log/log.h"
#include "common/soap/fault.h"

namespace angophora::clc {
namespace {

using Status = t__serviceStatus;

template <class Op>
Task<std::vector<Status>> describe(soap::Channel& channel, ServiceName name) {
  typename Op::Request request;
  const soap::CallOptions options(std::chrono::seconds(4));
  CO_TRY(auto reply, co_await soap::call<Op>(channel, name, request, options));
  co_return std::move(reply.services);
}

Task<std::vector<Status>> describe_by_type(soap::Channel& channel, Service service) {
  if (service.type == ServiceType::cluster)
    co_return co_await describe<soap::cluster::DescribeServices>(channel, service.name);
  if (service.type == ServiceType::walrus)
    co_return co_await describe<soap::walrus::DescribeServices>(channel, service.name);
  co_return co_await describe<soap::storage::DescribeServices>(channel, service.name);
}

}  // namespace

common::awaitable<void> ServicePoller::run() {
  while (!services_.runtime.stopping()) {
    const auto done = co_await round();
    if (!done) log::warn("services.not_polled", {{"reason", done.error()}});
    co_await services_.runtime.sleep_for(services_.config.service_poll_every);
  }
}

Task<> ServicePoller::round() {
  const auto find = [](Tx& tx) { return Registrations(tx).list(); };
  CO_TRY(auto all, co_await services_.db.read(find));
  CO_TRY_VOID(co_await note_states(all));
  for (auto& service : all) {
    if (!service.enrolled()) continue;
    if (service.type == ServiceType::node) {
      take_over_node(service);
      continue;
    }
    if (!asked_.insert(service.name).second) continue;
    services_.runtime.spawn("ask " + service.name.value, ask(std::move(service)));
  }
  co_return common::ok();
}

// Before the first news of a component there is nothing to be told of it.
Task<> ServicePoller::note_states(const std::vector<Service>& all) {
  const auto now = services_.runtime.steady_now();
  std::vector<Event> events;
  std::map<ServiceName, ServiceState> states;
  for (const auto& service : all) {
    const auto health = services_.states.health(service, now);
    const auto last = last_states_.find(service.name);
    const bool is_known = last != last_states_.end();
    if (!is_known && health.state == ServiceState::notready) continue;
    states[service.name] = health.state;
    if (is_known && last->second == health.state) continue;
    auto detail = health.reason.empty() ? std::string() : "reason=" + health.reason;
    events.push_back(
        service_event(common::to_lower(to_string(health.state)), service.name, std::move(detail)));
  }
  last_states_ = std::move(states);
  if (events.empty()) co_return common::ok();
  const auto at = services_.runtime.now();
  const auto keep = [events = std::move(events), at](Tx& tx) -> Result<> {
    for (const auto& event : events) TRY_VOID(Events(tx).append(event, at));
    return common::ok();
  };
  co_return co_await services_.db.write(keep);
}

// A report that grows old, because its cluster controller is silent, makes the node silent too.
void ServicePoller::take_over_node(const Service& service) {
  if (!services_.cloud) return;
  const auto now = services_.runtime.steady_now();
  const auto* zone = services_.cloud->zones.find(service.zone);
  const auto* node = zone && zone->report ? zone->find_node(NodeName(service.name.value)) : nullptr;
  if (!node)
    services_.states.not_heard(service.name, "no cluster controller has reported it", now);
  else if (!node->reachable)  // the reason names what the cluster controller knows
    services_.states.heard(service.name, false, node->reason, {}, {}, zone->report->received_at);
  else
    services_.states.heard(service.name, node->ready, node->reason, {}, node->clock_ahead,
                           zone->report->received_at);
}

// The other clock is compared with the middle of the time that the question took.
common::awaitable<void> ServicePoller::ask(Service service) {
  const auto name = service.name;
  const auto sent_at = services_.runtime.now();
  auto answer = co_await describe_by_type(*services_.channel, std::move(service));
  const auto now = services_.runtime.now();
  asked_.erase(name);
  // It answers, but its clock is so far off that its messages count for nothing.
  if (!answer && answer.error().code == soap::SoapErrc::expired) {
    services_.states.heard(name, false, answer.error().message, services_.states.version(name), {},
                           services_.runtime.steady_now());
    co_return;
  }
  if (!answer || answer.value().empty()) {
    services_.states.not_heard(name, answer ? "it told nothing" : answer.error().message,
                               services_.runtime.steady_now());
    co_return;
  }
  const auto& status = answer.value().front();
  const auto middle = sent_at.time_since_epoch() + (now - sent_at) / 2;
  services_.states.heard(name, status.state == "ENABLED", status.reason.value_or(""),
                         status.version, std::chrono::milliseconds(status.clockMs) - middle,
                         services_.runtime.steady_now());
}

}  // namespace angophora::clc
