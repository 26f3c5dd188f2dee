using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Broker.Telemetry;

/// <summary>
/// Something that is counted when somebody looks. Each owner adds a source for as long as it lives, and a source that was disposed is forgotten; what
/// several sources say under one tag is summed, so that two consumers in a process are neither lost nor shown twice.
/// </summary>
internal sealed class ObservedCounts
{
    private readonly ConcurrentDictionary<Source, byte> _sources = new();
    private readonly string _tag;

    public ObservedCounts(string name, string unit, string description, string tag)
    {
        _tag = tag;
        BrokerTelemetry.Meter.CreateObservableUpDownCounter(name, Observe, unit, description);
    }

    /// <param name="look">The counts by the tag's value. It is called on a listener's thread.</param>
    public IDisposable Add(Func<IEnumerable<(string Value, long Count)>> look)
    {
        var source = new Source(this, look);
        _sources[source] = 0;
        return source;
    }

    private IEnumerable<Measurement<long>> Observe() =>
        _sources.Keys
            .SelectMany(source => source.Look())
            .GroupBy(one => one.Value, one => one.Count)
            .Select(group => new Measurement<long>(group.Sum(), new KeyValuePair<string, object?>(_tag, group.Key)));

    private sealed class Source(ObservedCounts counts, Func<IEnumerable<(string Value, long Count)>> look) : IDisposable
    {
        public Func<IEnumerable<(string Value, long Count)>> Look => look;

        public void Dispose() => counts._sources.TryRemove(this, out _);
    }
}
