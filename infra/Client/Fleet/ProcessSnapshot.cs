using Broker.Contracts;
using Broker.Contracts.Messages;

namespace Broker.Fleet;

/// <summary>A consumer process at one moment.</summary>
/// <param name="Up">Since its start, by its own clock and ours.</param>
internal sealed record ProcessSnapshot(ProcessIdentity Identity, string Version, TimeSpan Up, IReadOnlyList<ServedKind> Served)
{
    /// <summary>The process that supervises it; null where none does.</summary>
    public int? SupervisorId { get; init; }

    public IEnumerable<string> Kinds => Served.Select(kind => kind.Kind).Order(StringComparer.Ordinal);

    public int Running => Served.Sum(kind => kind.Running);

    public long Done => Served.Sum(kind => kind.Completed);

    public long Failed => Served.Sum(kind => kind.Failed);

    /// <summary>Items of a kind finished since its start; null if it does not serve it.</summary>
    public long? DoneOf(string kind) => Served.FirstOrDefault(served => served.Kind == kind)?.Completed;
}
