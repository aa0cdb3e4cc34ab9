// What users do with objects and images: they upload bundles, register, share and deregister
// images, and spoil some of them by mistake, by deleting or overwriting objects. They remember what
// they were promised.
#pragma once

#include <deque>
#include <map>
#include <string>
#include <vector>

#include "tests/sim/wishes.h"

namespace angophora::sim {

// An object that a user stores or has stored.
struct StoredObject {
  std::string account;
  std::vector<const std::string*> may_be;  // what it may hold by now
  bool must_exist = false;                 // it was acknowledged, and nobody wanted it gone since
  bool must_be_gone = false;  // its end was acknowledged, and nothing can bring it back
  bool unsure = false;        // an attempt to store it may still arrive
  bool is_busy = false;       // a request about it is under way: its user makes one at a time
};

// An image, from its first object to its end.
struct Picture {
  std::string account, name;
  std::string folder;  // BUCKET/PREFIX/
  const Bundle* bundle = nullptr;
  std::string id;  // once it is registered
  bool is_public = false;
  bool end_asked = false;  // its user deregisters it; the cloud may know
  bool end_acked = false;  // and the cloud has said yes
  bool spoiled = false;    // a part of it was deleted or overwritten, or may be any moment
  std::string path(std::size_t file) const { return folder + bundle->files[file].first; }
};

class ImageUsers {
 public:
  ImageUsers(Cloud& cloud, Wishes& wishes);

  // Begins to call; `pause` is the mean time between two wishes.
  void begin(Duration pause);
  // Nothing new; what has begun is pursued to its end.
  void calm_down() { busy_ = false; }
  bool is_calm() const { return !busy_; }

  // An image for the next launch, mostly one that must be there.
  std::string pick_to_launch(const std::string& account);
  // Nobody may launch it: its end was acknowledged.
  bool is_gone(const std::string& image) const;
  bool may_be_refused(const std::string& image, const common::Error& error) const;
  // An instance of it may find no image.
  bool may_be_unreadable(const std::string& image) const;
  // What a node must find in it; null for an image that nobody knows.
  const std::string* content(const std::string& image) const;

  const std::deque<Picture>& pictures() const { return pictures_; }
  // By BUCKET/KEY.
  const std::map<std::string, StoredObject>& objects() const { return objects_; }

 private:
  using Then = std::function<void()>;

  void live();
  void upload();
  void put_from(Picture& picture, std::size_t file);
  void register_it(Picture& picture);
  void look_it_up(Picture& picture);
  void remember(Picture& picture, std::string id);
  void share(Picture& picture);
  void deregister();
  void clear();
  void spoil();
  void read();
  void put_again();

  void put(const std::string& account, const std::string& path, const std::string& content,
           Then then);
  void remove(const std::string& path);
  bool is_busy(const Picture& picture) const;
  Picture* pick(bool (*fits)(const Picture&));
  const Picture* find(const std::string& image) const;

  Cloud& cloud_;
  common::SimWorld& world_;
  Wishes& wishes_;
  bool busy_ = false;
  Duration pause_{};
  std::deque<Picture> pictures_;
  std::map<std::string, StoredObject> objects_;
};

}  // namespace angophora::sim
