#include "tests/sim/image_checks.h"

#include <filesystem>

#include "clc/store/images.h"
#include "common/crypto/digest.h"
#include "common/registry/files.h"
#include "walrus/store/images.h"
#include "walrus/store/objects.h"

namespace angophora::sim {

using namespace std::chrono_literals;
using common::Result;

void ImageChecks::look() {
  std::uint64_t changes = 0;
  for (const auto& node : cloud_.nodes()) changes += node->machine.changes;
  if (changes == seen_changes_) return;
  seen_changes_ = changes;
  for (const auto& node : cloud_.nodes())
    for (auto& [id, base] : node->machine.bases) {
      if (std::exchange(base.is_checked, true)) continue;
      const auto* content = users_.content(base.image.value);
      if (!content || base.sha1 != crypto::sha1(*content))
        cloud_.trace.violate(id.value + " has a disk on " + node->machine.name +
                             " on something that is not " + base.image.value);
    }
}

void ImageChecks::begin_audits() {
  if (auto* daemon = cloud_.clc().serving())
    cloud_.clc().runtime().spawn("audit images", read_images(*this, *daemon));
  cloud_.world.call_at(cloud_.world.steady_now() + 10s, [this] { begin_audits(); });
}

namespace {

Result<KnownImages> known_images(clc::Tx& tx) {
  KnownImages known;
  TRY(auto q, tx.prepare("SELECT image_id, available FROM images"));
  for (;;) {
    TRY(const bool found, q.step());
    if (!found) break;
    known.all.insert(q.text(0));
    if (q.integer(1) != 0) known.available.insert(q.text(0));
  }
  TRY(auto a, tx.prepare("SELECT image_id FROM image_admissions"));
  for (;;) {
    TRY(const bool found, a.step());
    if (!found) return known;
    known.all.insert(a.text(0));
  }
}

}  // namespace

common::awaitable<void> ImageChecks::read_images(ImageChecks& checks, clc::Daemon& daemon) {
  const auto read = [](clc::Tx& tx) { return known_images(tx); };
  const auto known = co_await daemon.services().db.read(read);
  if (!known) {
    checks.cloud_.trace.violate("the images cannot be read: " + known.error().message);
    co_return;
  }
  checks.audit_images(known.value());
}

void ImageChecks::audit_images(const KnownImages& known) {
  for (const auto& picture : users_.pictures()) {
    if (picture.id.empty()) continue;
    const bool is_there = known.available.contains(picture.id);
    if (!is_there && !picture.end_asked)
      cloud_.trace.violate(picture.id + " was registered and is lost");
    if (is_there && picture.end_acked)
      cloud_.trace.violate(picture.id + " was deregistered and is available");
  }
  if (auto* daemon = cloud_.walrus().serving())
    cloud_.walrus().runtime().spawn("audit objects", read_store(*this, daemon->walrus(), known));
}

common::awaitable<void> ImageChecks::read_store(ImageChecks& checks, walrus::Walrus& store,
                                                KnownImages known) {
  const auto read = [&checks, known](walrus::Tx& tx) { return checks.check_store(tx, known); };
  const auto done = co_await store.services().db.read(read);
  if (!done) checks.cloud_.trace.violate("the objects cannot be read: " + done.error().message);
}

Result<> ImageChecks::check_store(walrus::Tx& tx, const KnownImages& known) {
  for (const auto& [path, object] : users_.objects()) TRY_VOID(check_object(tx, path, object));
  for (const auto& picture : users_.pictures()) TRY_VOID(check_picture(tx, picture));
  unsettled_ = "the objects were not looked at since their users are calm";
  if (!users_.is_calm()) return common::ok();
  TRY(unsettled_, find_leftovers(tx, known));
  return common::ok();
}

namespace {

// The bytes of a segment as they lie on the disk; nothing when they are not there.
std::string bytes_of(walrus::Tx& tx, const std::string& dir, const walrus::Segment& segment) {
  const auto found = walrus::Blobs(tx).find(segment.blob);
  if (!found) return {};
  const auto& place = found.value().place;
  const auto path = place.pack.empty()
                        ? dir + "/blobs/" + segment.blob.substr(0, 2) + "/" + segment.blob
                        : dir + "/packs/" + place.pack;
  const auto read = registry::read_file(path);
  if (!read || !read.value()) return {};
  const auto begin = place.offset + segment.offset;
  return read.value()->size() >= begin ? read.value()->substr(begin, segment.length) : "";
}

std::string content_of(walrus::Tx& tx, const std::string& dir, const walrus::Object& object) {
  std::string content;
  for (const auto& segment : object.content) content += bytes_of(tx, dir, segment);
  return content;
}

}  // namespace

Result<> ImageChecks::check_object(walrus::Tx& tx, const std::string& path,
                                   const StoredObject& object) {
  const auto slash = path.find('/');
  TRY(const auto found,
      walrus::Objects(tx).find_if_there(path.substr(0, slash), path.substr(slash + 1)));
  if (!found && object.must_exist) cloud_.trace.violate(path + " was stored and is lost");
  if (found && object.must_be_gone) cloud_.trace.violate(path + " was deleted and is there");
  if (!found) return common::ok();
  const auto content = content_of(tx, objects_dir(), *found);
  bool is_right = false;
  for (const auto* may_be : object.may_be) is_right = is_right || content == *may_be;
  if (!is_right)
    cloud_.trace.violate(path + " holds " + std::to_string(content.size()) +
                         " bytes that nobody has stored in it");
  return common::ok();
}

// Nodes can fetch it.
Result<> ImageChecks::check_picture(walrus::Tx& tx, const Picture& picture) {
  if (picture.id.empty() || picture.end_asked || picture.spoiled) return common::ok();
  const common::ImageId id(picture.id);
  for (std::size_t number = 0; number < picture.bundle->parts(); ++number) {
    const auto part = walrus::Images(tx).part(id, static_cast<int>(number));
    if (!part) {
      cloud_.trace.violate(picture.id + " is registered, and Walrus says: " + part.error().message);
      return common::ok();
    }
    const auto& [bucket, admitted] = part.value();
    TRY(const auto object, walrus::Objects(tx).find_if_there(bucket, admitted.key));
    if (!object || object->etag != admitted.etag)
      cloud_.trace.violate("part " + std::to_string(number) + " of " + picture.id +
                           " is not what was registered");
  }
  return common::ok();
}

Result<std::string> ImageChecks::find_leftovers(walrus::Tx& tx, const KnownImages& known) const {
  TRY(auto q, tx.prepare("SELECT id FROM images"));
  for (;;) {
    TRY(const bool found, q.step());
    if (!found) break;
    if (!known.all.contains(q.text(0))) return "Walrus keeps the image " + q.text(0);
  }
  std::vector<std::string> blobs;
  for (const char* folder : {"/blobs", "/drafts"})
    for (const auto& file : std::filesystem::recursive_directory_iterator(objects_dir() + folder))
      if (file.is_regular_file()) blobs.push_back(file.path().filename());
  TRY(const auto unknown, walrus::Blobs(tx).unknown(blobs));
  if (!unknown.empty()) return "blob " + unknown.front() + " is nobody's";
  return std::string();
}

}  // namespace angophora::sim
