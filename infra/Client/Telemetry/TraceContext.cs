using System.Diagnostics;
using Broker.Contracts.Messages;

namespace Broker.Telemetry;

/// <summary>A place in a trace as it travels with a job: the W3C's three headers, each null where there is nothing to say.</summary>
internal readonly record struct TraceContext(string? TraceParent, string? TraceState, string? Baggage)
{
    /// <summary>Writes the place of <paramref name="activity"/>, by the propagator that the program has chosen for all that it sends.</summary>
    public static TraceContext Of(Activity? activity)
    {
        if (activity is null)
            return default;
        var headers = new Headers();
        DistributedContextPropagator.Current.Inject(activity, headers, static (carrier, name, value) => ((Headers)carrier!).Set(name, value));
        return new TraceContext(headers.TraceParent, headers.TraceState, headers.Baggage);
    }

    /// <summary>Where the job was sent from. It is remote; a job that says nothing usable gives the default, which is no place at all.</summary>
    public static ActivityContext Of(RunJob job) =>
        ActivityContext.TryParse(job.TraceParent, job.TraceState, isRemote: true, out var context) ? context : default;

    /// <summary>Gives <paramref name="activity"/> the baggage that came with the job.</summary>
    public static void AddBaggage(Activity activity, RunJob job)
    {
        if (job.Baggage is null)
            return;
        var baggage = DistributedContextPropagator.Current.ExtractBaggage(job.Baggage, static (object? carrier, string name, out string? value, out IEnumerable<string>? values) =>
        {
            value = name == "baggage" ? (string)carrier! : null;
            values = null;
        });
        foreach (var (key, value) in baggage ?? [])
            activity.AddBaggage(key, value);
    }

    private sealed class Headers
    {
        public string? TraceParent { get; private set; }

        public string? TraceState { get; private set; }

        public string? Baggage { get; private set; }

        public void Set(string name, string value)
        {
            switch (name)
            {
                case "traceparent":
                    TraceParent = value;
                    break;
                case "tracestate":
                    TraceState = value;
                    break;
                case "baggage":
                    Baggage = value;
                    break;
            }
        }
    }
}
