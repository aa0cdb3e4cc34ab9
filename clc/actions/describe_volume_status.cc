// DescribeVolumeStatus: whether the caller's volumes are whole, as their storage controllers last
// reported them.
#include "clc/actions/volume_selection.h"
#include "clc/instance_services.h"

namespace angophora::clc::actions::describe_volume_status {
namespace {

constexpr char kName[] = "DescribeVolumeStatus";
constexpr char kDamaged[] = "potential-data-inconsistency";

struct Request {
  std::vector<VolumeId> ids;
  Filters filters;
  Paging paging;
};

constexpr Param<Request> kParams[] = {
    optional<&Request::ids>("VolumeId"),
    filters<&Request::filters>(),
    max_results<&Request::paging>(),
    next_token<&Request::paging>(),
};

struct Status {
  Volume volume;
  bool storage_speaks = false;
  std::string damage;  // what is wrong; empty when nothing is known to be

  std::string summary() const {
    if (!damage.empty()) return "impaired";
    return storage_speaks ? "ok" : "insufficient-data";
  }
  std::string io() const { return damage.empty() ? (storage_speaks ? "passed" : "") : "failed"; }
};

using R = const Status&;

FilterValues none(R) { return {}; }
FilterValues if_damaged(R r, const std::string& value) {
  return r.damage.empty() ? FilterValues{} : value_or_none(value);
}

constexpr FilterField<Status> kFilters[] = {
    {"action.code", none},
    {"action.description", none},
    {"action.event-id", none},
    {"availability-zone", [](R r) { return value_or_none(r.volume.zone.value); }},
    {"event.description", [](R r) { return if_damaged(r, r.damage); }},
    {"event.event-id", none},
    {"event.event-type", [](R r) { return if_damaged(r, kDamaged); }},
    {"event.not-after", none},
    {"event.not-before", none},
    {"volume-status.details-name", [](R) { return value_or_none("io-enabled"); }},
    {"volume-status.details-status", [](R r) { return value_or_none(r.io()); }},
    {"volume-status.status", [](R r) { return value_or_none(r.summary()); }},
};

Status status_of(const Services& s, Volume volume) {
  Status status;
  const auto* report =
      s.cloud->storage ? s.cloud->storage->find(volume.zone, s.runtime.steady_now()) : nullptr;
  status.storage_speaks = report != nullptr;
  if (volume.state == VolumeState::error)
    status.damage = volume.reason.empty() ? "it could not be made" : volume.reason;
  else if (const auto* stored = report ? report->find(volume.id) : nullptr)
    status.damage = stored->damage;
  status.volume = std::move(volume);
  return status;
}

void add_status(Element& item, const Status& status) {
  item.add("volumeId", status.volume.id).add("availabilityZone", status.volume.zone);
  auto& summary = item.child("volumeStatus");
  summary.add("status", status.summary());
  auto& details = summary.child("details");
  if (!status.io().empty())
    details.child("item").add("name", "io-enabled").add("status", status.io());
  auto& events = item.child("eventsSet");
  if (!status.damage.empty())
    events.child("item").add("eventType", kDamaged).add("description", status.damage);
  item.child("actionsSet");
}

Task<Reply> handle(Services& s, Caller caller, Request request) {
  CO_TRY(const auto wanted, RowFilter<Status>::compile(request.filters, kFilters));
  CO_TRY(const auto page, s.pages.open(request.paging, caller, kName));
  CO_TRY(auto volumes, co_await select_volumes(s, caller, std::move(request.ids)));
  std::vector<Status> rows;
  for (auto& volume : volumes) {
    auto status = status_of(s, std::move(volume));
    if (wanted.matches(status)) rows.push_back(std::move(status));
  }
  const auto last = cut_page(rows, page, [](const Status& r) { return r.volume.id.value; });
  Reply reply;
  reply.list("volumeStatusSet", rows,
             [](const Status& status, Element& item) { add_status(item, status); });
  if (!last.empty()) reply.add("nextToken", s.pages.seal(caller, kName, last));
  co_return reply;
}

}  // namespace

extern const Action DescribeVolumeStatus{
    .name = kName,
    .permission = "ec2:DescribeVolumeStatus",
    .run = parse_then<Request, kParams, handle>,
};

}  // namespace angophora::clc::actions::describe_volume_status
