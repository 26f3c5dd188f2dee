using Broker.Contracts;
using Broker.Contracts.Messages;

namespace Broker.Fleet;

/// <summary>The result of a change of level.</summary>
/// <param name="Applied">The answers of those that made it.</param>
/// <param name="Silent">Those that it is meant for and that did not answer: of a version that does not know of it, or too busy.</param>
/// <param name="Fleet">All that are there.</param>
internal sealed record LogLevelChange(IReadOnlyList<LogLevelSet> Applied, IReadOnlyList<ProcessIdentity> Silent, FleetSnapshot Fleet);
