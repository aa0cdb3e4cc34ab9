// Runs actions about instances and images with a zone of one node, a fake cluster controller and a
// fake Walrus. The reconcilers do not run: what they would do, a test does by hand.
#pragma once

#include "clc/clients/fake_cluster.h"
#include "clc/clients/fake_walrus.h"
#include "clc/instance_services.h"
#include "clc/testing/action_fixture.h"
#include "clc/testing/samples/sample_bundle.h"

namespace angophora::clc::testing {

class InstanceFixture : public ActionFixture {
 public:
  InstanceFixture();

  // What the zone reports now: one node that has this much room.
  void set_room(Resources room);
  // Puts a bundle of the caller's user into Walrus; returns its location.
  std::string put_bundle(SampleBundle bundle, const std::string& name = "guest");
  // Registers such a bundle as the caller.
  std::string register_image(SampleBundle bundle = {}, const std::string& name = "guest");
  // Runs one instance as the caller; the id.
  std::string run(const std::string& image, Pairs more = {});
  // As the reconcilers do: places it on the node and sees it run.
  void make_running(const std::string& instance);
  Instance get(const std::string& instance);
  // Makes the caller's volume and, as the reconcilers do, sees it available; the id.
  std::string create_volume(Pairs more = {});
  // As the reconcilers do: moves the volume's present attachment along.
  void move_attachment(const std::string& volume, std::vector<AttachmentEvent> events);
  Volume get_volume(const std::string& volume);

  common::SimRuntime neighbours{world, "cc-a"};
  FakeCluster cluster{world, neighbours};
  FakeWalrus walrus;
  Zones zones;
  StorageReports storage;
  ImageKeyOpener image_keys{runtime, sample_keys().cloud};
  std::optional<InstanceServices> cloud;

 private:
  void add_service(const std::string& name, ServiceType type);
  void add_certificate();
};

}  // namespace angophora::clc::testing
