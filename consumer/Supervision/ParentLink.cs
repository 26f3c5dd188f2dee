using System.Collections.Concurrent;
using System.Text;
using Broker.Hosting.Health;
using Broker.Hosting.Lifetime;
using Broker.Logging;
using Broker.Logging.Screen;
using Microsoft.Win32.SafeHandles;

namespace Broker.Consumer.Supervision;

/// <summary>
/// The child's side of the connection to the supervisor. Each direction has a dedicated thread: a supervisor that does not read, or
/// has died, must not block a job.
/// </summary>
internal sealed class ParentLink
{
    // Not the Console's stream, which ignores a closed pipe.
    private static readonly FileStream Pipe = new(new SafeFileHandle(1, ownsHandle: false), FileAccess.Write, bufferSize: 0);

    private readonly Lock _turn = new();
    private readonly Stream _screen = System.Console.OpenStandardError();
    private bool _parentEnded;

    private ParentLink() => Console = new ConsoleQueue(Tell);

    /// <summary>Takes the lines of this process; the supervisor merges them with those of its other children.</summary>
    public ConsoleQueue Console { get; }

    /// <summary>Reserves standard output for the records. Console output of a handler goes to stderr instead.</summary>
    public static ParentLink Open()
    {
        System.Console.SetOut(System.Console.Error);
        return new ParentLink();
    }

    public void Attach(StopRequests stops, Readiness readiness, ConsumerLifetime life)
    {
        var changes = new BlockingCollection<ChildRecord>();
        readiness.Changed += ready => changes.Add(new ChildRecord { Ready = ready });
        life.Ending += end => changes.Add(new ChildRecord { End = end });
        Start("changes", () =>
        {
            foreach (var change in changes.GetConsumingEnumerable())
                Send(change.Write());
        });
        Start("orders", () => Listen(stops));
    }

    private static void Listen(StopRequests stops)
    {
        while (System.Console.In.ReadLine() is { } line)
        {
            if (line == ChildProcess.Stop)
                stops.Stop();
            else if (line == ChildProcess.Cancel)
                stops.Cancel();
        }

        // The supervisor has ended without asking for a drain.
        stops.Stop();
    }

    private static void Start(string name, ThreadStart work) => new Thread(work) { IsBackground = true, Name = name }.Start();

    private void Tell(IReadOnlyList<ConsoleLine> lines)
    {
        var records = new StringBuilder();
        foreach (var line in lines)
            records.Append(ChildRecord.Of(line).Write());
        if (Send(records.ToString()))
            return;
        // The supervisor has died: stderr still reaches the terminal.
        foreach (var line in lines)
            _screen.Write(Encoding.UTF8.GetBytes(line.Text));
    }

    private bool Send(string records)
    {
        lock (_turn)
        {
            if (_parentEnded)
                return false;
            try
            {
                Pipe.Write(Encoding.UTF8.GetBytes(records));
                return true;
            }
            catch (IOException)
            {
                _parentEnded = true;
                return false;
            }
        }
    }
}
