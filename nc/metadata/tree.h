// All that a guest can read about itself, as a tree of names. Pure, any thread.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "nc/domain/instance_spec.h"
#include "nc/metadata/identity.h"

namespace angophora::nc {

// What is the same for every guest of this node.
struct MetadataFacts {
  std::string region = "angophora";  // while the cloud has not told its name
  std::string architecture = "x86_64";
  std::string services_domain = "angophora.internal";
};

// Every version that AWS lists, oldest first, then "latest"; all show the same tree.
const std::vector<std::string_view>& metadata_versions();

class MetadataTree {
 public:
  MetadataTree(const InstanceSpec& spec, const MetadataFacts& facts,
               const SignedIdentity& identity);

  // What stands at `path` below a version ("meta-data/ami-id"): a leaf's bytes, or the listing of
  // a folder, one name a line, folders with '/' behind. Nothing when there is no such name.
  std::optional<std::string> find(std::string_view path) const;

  // Leaves that are found out for a request alone.
  void add(std::map<std::string, std::string, std::less<>> leaves) { leaves_.merge(leaves); }

  // Every leaf; for tests.
  const std::map<std::string, std::string, std::less<>>& leaves() const { return leaves_; }

 private:
  void add_instance(const InstanceSpec& spec);
  void add_disks(const InstanceSpec& spec);
  void add_network(const InstanceSpec& spec);
  void add_placement(const InstanceSpec& spec, const MetadataFacts& facts);
  void set(std::string path, std::string value);
  // As set(), unless there is nothing to say: then the name is not listed either.
  void set_if_any(std::string path, std::string value);
  std::optional<std::string> list(std::string_view folder) const;

  std::map<std::string, std::string, std::less<>> leaves_;
};

}  // namespace angophora::nc
