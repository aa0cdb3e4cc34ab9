// The files of one instance: its disks, its console, its record. All lie in one folder, so that
// one removal frees everything.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/runtime/runtime.h"
#include "nc/domain/instance_spec.h"

namespace angophora::nc {

// Where the files of an instance lie. Pure.
class InstanceFiles {
 public:
  InstanceFiles(const std::string& instances_dir, const InstanceId& id)
      : dir_(instances_dir + "/" + id.value) {}
  const std::string& dir() const { return dir_; }
  std::string root() const { return dir_ + "/root.qcow2"; }
  std::string ephemeral() const { return dir_ + "/ephemeral.raw"; }
  std::string swap() const { return dir_ + "/swap.raw"; }
  std::string console() const { return dir_ + "/console.log"; }

 private:
  std::string dir_;
};

struct DiskRoom {
  std::uint64_t total_bytes = 0;
  std::uint64_t free_bytes = 0;
};

class Disks {
 public:
  virtual ~Disks() = default;
  // Makes (again) all disks of the instance, empty but for the image that shines through the root
  // disk. Only before the guest's first start. `image_bytes` is the least size of the root disk.
  virtual common::Task<> make(InstanceSpec spec, std::string image_path,
                              std::uint64_t image_bytes) = 0;
  // Removes the instance's folder with all that is in it.
  virtual common::Task<> remove(InstanceId id) = 0;
  // The instances that have a folder.
  virtual common::Task<std::vector<InstanceId>> list() = 0;
  // Of the file system that the instances' folders are on.
  virtual common::Task<DiskRoom> room() = 0;
};

class FileDisks final : public Disks {
 public:
  FileDisks(common::Runtime& runtime, std::string instances_dir);
  common::Task<> make(InstanceSpec spec, std::string image_path,
                      std::uint64_t image_bytes) override;
  common::Task<> remove(InstanceId id) override;
  common::Task<std::vector<InstanceId>> list() override;
  common::Task<DiskRoom> room() override;

 private:
  common::Runtime& runtime_;
  const std::string instances_dir_;
};

// Whether files in `dir` can be opened around the page cache. Blocks: pool only.
bool supports_direct_io(const std::string& dir);

// The header that makes a file of `size_bytes` a swap area.
std::string swap_header(std::uint64_t size_bytes);

}  // namespace angophora::nc
