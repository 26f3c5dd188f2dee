using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Broker.Hosting.Telemetry;
using Broker.Telemetry;

namespace Broker.Tests.Unit.Telemetry;

public sealed class When_jobs_are_measured : IDisposable
{
    private readonly ConcurrentQueue<(string Instrument, double Value, Dictionary<string, object?> Tags)> _seen = new();
    private readonly MeterListener _listener = new();
    private readonly string _kind = $"kind-{Guid.NewGuid():N}";

    public When_jobs_are_measured()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == "Broker")
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Take(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Take(instrument, value, tags));
        _listener.Start();
    }

    public void Dispose() => _listener.Dispose();

    [Fact]
    public void Counts_say_of_which_kind_and_with_what_error()
    {
        JobMetrics.Received(_kind, earlierDeliveries: 1);
        JobMetrics.Answered(_kind, 3);
        JobMetrics.Failed(_kind, "Acme.TooLarge");
        JobMetrics.DeadLettered(_kind, 1);
        Assert.Equal(3, Seen("broker.items.completed").Value);
        Assert.Equal("Acme.TooLarge", Seen("broker.items.failed").Tags["error.type"]);
        Assert.Equal(1, Seen("broker.items.dead_lettered").Value);
        Assert.Equal(1, Seen("broker.job.redelivered").Value);
        var consumed = Seen("messaging.client.consumed.messages");
        Assert.Equal(("rabbitmq", "process"), (consumed.Tags["messaging.system"], consumed.Tags["messaging.operation.name"]));
    }

    [Fact]
    public void Durations_are_in_seconds_and_carry_the_error_of_what_failed()
    {
        ClientMetrics.Sent("broker.jobs", _kind, ClientMetrics.Begin(), error: null);
        ClientMetrics.Sent("broker.results", _kind, ClientMetrics.Begin(), error: null);
        JobMetrics.Ended(_kind, JobMetrics.Begin(), "requeued");
        var operation = Seen("messaging.client.operation.duration");
        Assert.InRange(operation.Value, 0, 60);
        Assert.Equal("requeued", Seen("messaging.process.duration").Tags["error.type"]);
        Assert.False(operation.Tags.ContainsKey("error.type"));
        Assert.Equal($"broker.jobs:{_kind}", Seen("messaging.client.sent.messages").Tags["messaging.destination.name"]);
    }

    [Fact]
    public void Two_owners_are_summed_and_one_that_ended_is_forgotten()
    {
        var counts = new ObservedCounts($"test.{_kind}", "{job}", "Of a test.", "broker.kind");
        using var first = counts.Add(() => [(_kind, 2)]);
        var second = counts.Add(() => [(_kind, 3)]);
        _listener.RecordObservableInstruments();
        Assert.Equal(5, Seen($"test.{_kind}").Value);
        second.Dispose();
        _seen.Clear();
        _listener.RecordObservableInstruments();
        Assert.Equal(2, Seen($"test.{_kind}").Value);
    }

    private (string Instrument, double Value, Dictionary<string, object?> Tags) Seen(string instrument) => Assert.Single(_seen, one => one.Instrument == instrument);

    private void Take(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var kept = new Dictionary<string, object?>(tags.ToArray());
        // Other tests measure as well.
        if (kept.Values.Any(tag => $"{tag}".Contains(_kind, StringComparison.Ordinal)))
            _seen.Enqueue((instrument.Name, value, kept));
    }
}
