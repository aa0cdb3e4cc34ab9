#include "clc/store/restoration.h"

#include <algorithm>

#include "clc/store/counters.h"
#include "clc/store/events.h"
#include "clc/store/tags.h"

namespace angophora::clc {
namespace {

constexpr char kAddressCursor[] = "address_cursor";
// Which restoration was settled last: when it was.
constexpr char kSettled[] = "restoration_settled";

Result<> run(Tx& tx, std::string_view sql, std::int64_t value) {
  TRY(auto q, tx.prepare(sql));
  q.bind(1, value);
  TRY_VOID(q.run());
  return common::ok();
}

Result<std::int64_t> number(Tx& tx, std::string_view sql) {
  TRY(auto q, tx.prepare(sql));
  TRY(const bool found, q.step());
  return found ? q.integer(0) : 0;
}

Result<> set_counter(Tx& tx, const char* name, std::int64_t value) {
  TRY(auto q, tx.prepare("INSERT INTO counters (name, value) VALUES (?1, ?2) "
                         "ON CONFLICT (name) DO UPDATE SET value=excluded.value"));
  q.bind(1, name).bind(2, value);
  TRY_VOID(q.run());
  return common::ok();
}

// Milliseconds since 1970: no number of these grows a thousand times a second for years, so that
// the time is ahead of them all, also of those that an earlier restoration made.
Result<std::int64_t> find_base(Tx& tx, common::SysTime restored_at) {
  TRY(const auto counters,
      number(tx,
             "SELECT COALESCE(max(value), 0) FROM counters "
             "WHERE name IN ('registry', 'identities', 'identities_floor', 'restored')"));
  TRY(const auto network, number(tx, "SELECT COALESCE(max(version), 0) FROM network_state"));
  TRY(const auto epochs, number(tx, "SELECT COALESCE(max(epoch), 0) FROM volumes"));
  return std::max({to_ms(restored_at), counters + 1, network + 1, epochs + 1});
}

// Whoever keeps a copy of the identities may have changes that never were, as seen from here. All
// get numbers beyond the floor, below which a copy starts anew.
Result<> move_identities(Tx& tx, std::int64_t base) {
  TRY(const auto first, number(tx, "SELECT COALESCE(min(version), 0) FROM identity_changes"));
  TRY_VOID(run(tx, "UPDATE identity_changes SET version = version + ?1", base + 1 - first));
  TRY(const auto last, number(tx, "SELECT COALESCE(max(version), 0) FROM identity_changes"));
  TRY_VOID(set_counter(tx, kIdentitiesVersion, std::max(base, last)));
  return set_counter(tx, kIdentitiesFloor, base);
}

// An instance that had not started may since have started on any node, or have come and gone. To
// order it once more could make it run twice, to order its end could end what its user relies on.
Result<std::int64_t> forget_launches(Tx& tx, common::SysTime now) {
  TRY(auto q, tx.prepare("DELETE FROM instances WHERE state='pending' RETURNING instance_id"));
  TRY(const auto ids, all_rows(q, [](Query& row) { return row.id<InstanceId>(0); }));
  for (const auto& id : ids) {
    TRY_VOID(TagRows(tx).remove_all(id.value));
    TRY(auto address, tx.prepare("DELETE FROM private_addresses WHERE instance_id=?1"));
    address.bind(1, id);
    TRY_VOID(address.run());
    TRY_VOID(Events(tx).append({AccountId(), "instance.forgotten", id.value,
                                "reason=it was pending when the backup was made"},
                               now));
  }
  return static_cast<std::int64_t>(ids.size());
}

}  // namespace

Result<Restored> settle_restoration(Tx& tx, const Restoration& restoration,
                                    const InstanceNetwork& network) {
  Restored restored;
  Counters counters(tx);
  TRY(const auto settled, counters.value(kSettled));
  if (settled == to_ms(restoration.restored_at)) return restored;
  restored.is_new = true;
  TRY(restored.base, find_base(tx, restoration.restored_at));
  TRY_VOID(set_counter(tx, kRegistryVersion, restored.base));
  TRY_VOID(move_identities(tx, restored.base));
  TRY_VOID(run(tx, "UPDATE network_state SET version=?1, digest=''", restored.base));
  // Tokens that were used since would count once more.
  TRY_VOID(tx.execute("DELETE FROM enrolment_tokens"));
  TRY(restored.forgotten_launches, forget_launches(tx, restoration.restored_at));
  // The next addresses in turn are those that were given since.
  TRY(const auto cursor, counters.value(kAddressCursor));
  TRY_VOID(set_counter(tx, kAddressCursor, cursor + (network.last() - network.first() + 1) / 2));
  TRY_VOID(set_counter(tx, kRestored, restored.base));
  TRY_VOID(set_counter(tx, kSettled, to_ms(restoration.restored_at)));
  TRY_VOID(Events(tx).append(
      service_event("restored", ServiceName("clc"),
                    "from a backup of " + common::format_iso8601(restoration.made_at)),
      restoration.restored_at));
  return restored;
}

}  // namespace angophora::clc
