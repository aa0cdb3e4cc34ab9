#include "clc/store/public_addresses.h"

#include <algorithm>

#include "clc/domain/address_errors.h"
#include "clc/store/counters.h"
#include "clc/store/instances.h"
#include "clc/store/tags.h"

namespace angophora::clc {
namespace {

constexpr char kPublicCursor[] = "public_address_cursor";
constexpr int kQuickTries = 64;

#define ADDRESS_COLUMNS                                                                   \
  "SELECT a.address, a.account_id, a.allocation_id, a.is_classic, a.instance_id, "        \
  "a.association_id, a.allocated_at_ms, COALESCE(i.private_ip, 0) FROM public_addresses " \
  "a LEFT JOIN instances i ON i.instance_id=a.instance_id "

PublicAddress read_address(Query& q) {
  PublicAddress a;
  a.address = static_cast<std::uint32_t>(q.integer(0));
  a.account = q.id<AccountId>(1);
  a.allocation = q.id<AllocationId>(2);
  a.is_classic = q.integer(3) != 0;
  a.instance = q.id<InstanceId>(4);
  a.association = q.id<AssociationId>(5);
  a.allocated_at = from_ms(q.integer(6));
  a.private_ip = static_cast<std::uint32_t>(q.integer(7));
  return a;
}

}  // namespace

Result<bool> PublicAddresses::is_taken(std::uint32_t address) {
  TRY(auto q, tx_.prepare("SELECT 1 FROM public_addresses WHERE address=?1"));
  q.bind(1, address);
  return q.step();
}

// As private addresses: the next one after the last that was given; in a crowded pool the lowest.
Result<std::uint32_t> PublicAddresses::find_free(const PublicPool& pool) {
  for (int i = 0; i < kQuickTries && pool.size() > 0; ++i) {
    TRY(const auto turn, Counters(tx_).raise(kPublicCursor));
    const auto address = pool.at(static_cast<std::uint32_t>((turn - 1) % pool.size()));
    TRY(const bool taken, is_taken(address));
    if (!taken) return address;
  }
  TRY(const auto taken, all_taken());
  for (std::uint32_t i = 0; i < pool.size(); ++i)
    if (!taken.contains(pool.at(i))) return pool.at(i);
  return Error(AddressErrc::insufficient_capacity,
               "There are no free public addresses: the cloud has " + std::to_string(pool.size()) +
                   ", all of which are in use");
}

Result<std::int64_t> PublicAddresses::count_free(const PublicPool& pool) {
  TRY(const auto taken, all_taken());
  return pool.size() - std::count_if(taken.begin(), taken.end(), [&pool](std::uint32_t address) {
           return pool.contains(address);
         });
}

Result<std::set<std::uint32_t>> PublicAddresses::all_taken() {
  TRY(auto q, tx_.prepare("SELECT address FROM public_addresses"));
  TRY(const auto rows,
      all_rows(q, [](Query& row) { return static_cast<std::uint32_t>(row.integer(0)); }));
  return std::set<std::uint32_t>(rows.begin(), rows.end());
}

Result<> PublicAddresses::insert(const PublicAddress& a) {
  TRY(auto q, tx_.prepare("INSERT INTO public_addresses (address, account_id, allocation_id, "
                          "is_classic, instance_id, association_id, allocated_at_ms) "
                          "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"));
  q.bind(1, a.address).bind(2, a.account).bind(3, a.allocation).bind(4, a.is_classic);
  q.bind(5, a.instance).bind(6, a.association).bind(7, to_ms(a.allocated_at));
  TRY_VOID(q.run());
  return TagRows(tx_).put(a.account, a.allocation.value, a.tags);
}

template <class Key>
Result<std::optional<PublicAddress>> PublicAddresses::find_by(std::string_view column,
                                                              const Key& key) {
  TRY(auto q, tx_.prepare(ADDRESS_COLUMNS "WHERE a." + std::string(column) + "=?1"));
  q.bind(1, key);
  TRY(const bool found, q.step());
  if (!found) return std::optional<PublicAddress>();
  auto address = read_address(q);
  q.reset();
  if (address.is_elastic()) {
    TRY(address.tags, TagRows(tx_).of(address.allocation.value));
  }
  return std::optional<PublicAddress>(std::move(address));
}

Result<std::optional<PublicAddress>> PublicAddresses::find(std::uint32_t address) {
  return find_by("address", address);
}

Result<std::optional<PublicAddress>> PublicAddresses::find(const AllocationId& id) {
  if (id.empty()) return std::optional<PublicAddress>();
  return find_by("allocation_id", id);
}

Result<std::optional<PublicAddress>> PublicAddresses::find(const AssociationId& id) {
  if (id.empty()) return std::optional<PublicAddress>();
  return find_by("association_id", id);
}

Result<std::optional<PublicAddress>> PublicAddresses::of_instance(const InstanceId& id) {
  if (id.empty()) return std::optional<PublicAddress>();
  return find_by("instance_id", id);
}

Result<std::vector<PublicAddress>> PublicAddresses::list(const AccountId& account) {
  const std::string of_account = account.empty() ? "" : "AND a.account_id=?1 ";
  TRY(auto q, tx_.prepare(ADDRESS_COLUMNS "WHERE a.allocation_id<>'' " + of_account +
                          "ORDER BY a.address"));
  if (!account.empty()) q.bind(1, account);
  TRY(auto addresses, all_rows(q, read_address));
  for (auto& address : addresses) {
    TRY(address.tags, TagRows(tx_).of(address.allocation.value));
  }
  return addresses;
}

Result<std::int64_t> PublicAddresses::count(const AccountId& account) {
  TRY(auto q, tx_.prepare("SELECT count(*) FROM public_addresses "
                          "WHERE account_id=?1 AND allocation_id<>''"));
  q.bind(1, account);
  TRY_VOID(q.step());
  return q.integer(0);
}

Result<> PublicAddresses::associate(std::uint32_t address, const InstanceId& instance,
                                    const AssociationId& id) {
  TRY(auto q, tx_.prepare("UPDATE public_addresses SET instance_id=?2, association_id=?3 "
                          "WHERE address=?1"));
  q.bind(1, address).bind(2, instance).bind(3, id);
  TRY_VOID(q.run());
  return Instances(tx_).touch(instance);
}

Result<> PublicAddresses::disassociate(const PublicAddress& address) {
  if (!address.is_associated()) return common::ok();
  TRY_VOID(leave(address.instance));
  return Instances(tx_).touch(address.instance);
}

Result<> PublicAddresses::leave(const InstanceId& instance) {
  TRY(auto gone,
      tx_.prepare("DELETE FROM public_addresses WHERE instance_id=?1 AND allocation_id=''"));
  TRY_VOID(gone.bind(1, instance).run());
  TRY(auto kept, tx_.prepare("UPDATE public_addresses SET instance_id='', association_id='' "
                             "WHERE instance_id=?1"));
  TRY_VOID(kept.bind(1, instance).run());
  return common::ok();
}

Result<> PublicAddresses::remove(const PublicAddress& address) {
  TRY_VOID(disassociate(address));
  TRY(auto q, tx_.prepare("DELETE FROM public_addresses WHERE address=?1"));
  TRY_VOID(q.bind(1, address.address).run());
  return TagRows(tx_).remove_all(address.allocation.value);
}

}  // namespace angophora::clc
