using System.Collections.Concurrent;
using System.Text;
using Broker.Hosting.Health;
using Broker.Hosting.Lifetime;
using Broker.Logging;
using Microsoft.Win32.SafeHandles;

namespace Broker.Consumer.Supervision;

/// <summary>
/// The child's end of its tie to the supervisor. Both directions have threads of their own: neither a supervisor that does not read nor
/// one that is gone may hold up a job.
/// </summary>
internal sealed class ParentLink
{
    // Not the console's own stream, which says nothing when the reader has gone.
    private static readonly FileStream Pipe = new(new SafeFileHandle(1, ownsHandle: false), FileAccess.Write, bufferSize: 0);

    private readonly Lock _turn = new();
    private readonly Stream _screen = System.Console.OpenStandardError();
    private bool _parentIsGone;

    private ParentLink() => Console = new ConsoleQueue(Tell);

    /// <summary>Takes the lines of this process; the supervisor shows them among those of its other children.</summary>
    public ConsoleQueue Console { get; }

    /// <summary>Takes standard output for the link. What a handler prints goes to stderr instead.</summary>
    public static ParentLink Open()
    {
        System.Console.SetOut(System.Console.Error);
        return new ParentLink();
    }

    public void Attach(ConsumerLifetime life, Readiness readiness)
    {
        var changes = new BlockingCollection<bool>();
        readiness.Changed += changes.Add;
        Start("readiness", () =>
        {
            foreach (var ready in changes.GetConsumingEnumerable())
                Send(new ChildRecord { Ready = ready }.Write());
        });
        Start("orders", () => Listen(life));
    }

    private static void Listen(ConsumerLifetime life)
    {
        while (System.Console.In.ReadLine() is { } line)
        {
            if (line == ChildProcess.Stop)
                life.Stop();
        }

        // The supervisor is gone: a drain of our own, for nobody is left to ask for one.
        if (!life.Drain.IsCancellationRequested)
            life.Stop();
    }

    private static void Start(string name, ThreadStart work) => new Thread(work) { IsBackground = true, Name = name }.Start();

    private void Tell(IReadOnlyList<ConsoleLine> lines)
    {
        var records = new StringBuilder();
        foreach (var line in lines)
            records.Append(ChildRecord.Of(line).Write());
        if (Send(records.ToString()))
            return;
        // The screen outlives the supervisor, and whoever killed it looks there.
        foreach (var line in lines)
            _screen.Write(Encoding.UTF8.GetBytes(line.Text));
    }

    private bool Send(string records)
    {
        lock (_turn)
        {
            if (_parentIsGone)
                return false;
            try
            {
                Pipe.Write(Encoding.UTF8.GetBytes(records));
                return true;
            }
            catch (IOException)
            {
                _parentIsGone = true;
                return false;
            }
        }
    }
}
