// Public addresses that are given to accounts and instances, each to one at a time.
#pragma once

#include <optional>
#include <set>
#include <vector>

#include "clc/domain/public_address.h"
#include "clc/domain/public_pool.h"
#include "clc/store/rows.h"

namespace angophora::clc {

class PublicAddresses {
 public:
  explicit PublicAddresses(Tx& tx) : tx_(tx) {}

  // One of the pool that nobody has and that was not used for as long as possible.
  // AddressErrc::insufficient_capacity when there is none.
  Result<std::uint32_t> find_free(const PublicPool& pool);
  Result<std::int64_t> count_free(const PublicPool& pool);
  // With its tags. The address must be free.
  Result<> insert(const PublicAddress& address);

  Result<std::optional<PublicAddress>> find(std::uint32_t address);
  Result<std::optional<PublicAddress>> find(const AllocationId& id);
  Result<std::optional<PublicAddress>> find(const AssociationId& id);
  Result<std::optional<PublicAddress>> of_instance(const InstanceId& id);
  // Elastic ones with their tags and instances' private addresses, by address. An empty account
  // means all accounts.
  Result<std::vector<PublicAddress>> list(const AccountId& account);
  // Elastic ones.
  Result<std::int64_t> count(const AccountId& account);

  // Both raise the revision of the instance that is concerned.
  Result<> associate(std::uint32_t address, const InstanceId& instance, const AssociationId& id);
  // An address that came with the instance is nobody's afterwards.
  Result<> disassociate(const PublicAddress& address);
  // Of an instance that has ended or ends here: its address is free for others.
  Result<> leave(const InstanceId& instance);
  Result<> remove(const PublicAddress& address);

 private:
  template <class Key>
  Result<std::optional<PublicAddress>> find_by(std::string_view column, const Key& key);
  Result<std::set<std::uint32_t>> all_taken();
  Result<bool> is_taken(std::uint32_t address);
  Tx& tx_;
};

}  // namespace angophora::clc
