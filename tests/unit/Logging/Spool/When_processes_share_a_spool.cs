using Broker.Logging.Spool;
using Broker.Tests.Support;

namespace Broker.Tests.Unit.Logging.Spool;

public sealed class When_processes_share_a_spool : IDisposable
{
    private readonly TestFolder _folder = new();

    private string Base => Path.Combine(_folder.Path, "logs");

    [Fact]
    public void The_folder_of_a_running_process_is_not_taken_over()
    {
        using var alive = SpoolShare.Create(Base, "alive");
        alive.NewSegment(EventRank.Information).Close();

        Assert.Empty(SpoolShare.TakeOver(Base));
    }

    [Fact]
    public void The_folder_of_a_dead_process_is_taken_over_by_one_process()
    {
        using (var ended = SpoolShare.Create(Base, "ended"))
            ended.NewSegment(EventRank.Information).Close();

        var first = Assert.Single(SpoolShare.TakeOver(Base));
        Assert.Empty(SpoolShare.TakeOver(Base));
        first.Dispose();
        using var second = Assert.Single(SpoolShare.TakeOver(Base));
        Assert.Single(second.Segments());
    }

    [Fact]
    public void An_empty_folder_is_deleted_with_its_process()
    {
        SpoolShare.Create(Base, "idle").Dispose();

        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void Unrelated_folders_are_not_touched()
    {
        var foreign = Directory.CreateDirectory(Base + "-archive/2025");
        File.WriteAllText(Path.Combine(foreign.FullName, "kept"), "");
        File.WriteAllText(Base + "-archive/lock", "");
        Directory.SetLastWriteTimeUtc(Base + "-archive", DateTime.UtcNow.AddDays(-1));

        Assert.Empty(SpoolShare.TakeOver(Base));
        using (var ours = SpoolShare.Create(Base, "ours"))
            File.WriteAllText(Path.Combine(Directory.GetDirectories(_folder.Path, "logs-ours-*").Single(), "kept"), "");
        foreach (var share in SpoolShare.TakeOver(Base))
            share.Dispose();
        Assert.True(File.Exists(Path.Combine(foreign.FullName, "kept")));
        Assert.Single(Directory.GetFiles(Directory.GetDirectories(_folder.Path, "logs-ours-*").Single(), "kept"));
    }

    [Fact]
    public void An_empty_file_of_a_dead_process_is_no_obstacle()
    {
        using (var ended = SpoolShare.Create(Base, "ended"))
            ended.NewSegment(EventRank.Information).Close();
        using var spool = new EventSpool(Base, "alive", 64 * 1024, 1 << 20, new DropCounts());

        Assert.Equal(0, spool.TakeOver());
        LeaveBehind(1, 100);
        Assert.Equal(1, spool.TakeOver());
        Assert.Single(Directory.GetDirectories(_folder.Path));
    }

    [Fact]
    public void Processes_with_one_name_have_separate_folders()
    {
        using var one = SpoolShare.Create(Base, "host/1:x");
        using var other = SpoolShare.Create(Base, "host/1:x");

        Assert.Equal(2, Directory.GetDirectories(_folder.Path).Length);
    }

    [Fact]
    public void Folders_are_taken_over_while_there_is_space_and_the_others_stay()
    {
        LeaveBehind(5, 1000);
        using var spool = new EventSpool(Base, "alive", 64 * 1024, 2500, new DropCounts());

        Assert.Equal(2, spool.TakeOver());
        Assert.Equal(5, Directory.GetFiles(_folder.Path, "*.seg", SearchOption.AllDirectories).Length);
        spool.ReleaseTakenOver();
        Assert.Equal(2, spool.TakeOver());
    }

    [Fact]
    public void Repeated_crashes_do_not_fill_the_disk()
    {
        var dropped = new DropCounts();
        LeaveBehind(40, 1000);
        using var spool = new EventSpool(Base, "alive", 64 * 1024, 2500, dropped);
        spool.TakeOver();

        Assert.InRange(Directory.GetFiles(_folder.Path, "*.seg", SearchOption.AllDirectories).Sum(file => new FileInfo(file).Length), 9 * 2000, 9 * 2500);
        Assert.Equal(40 - Directory.GetFiles(_folder.Path, "*.seg", SearchOption.AllDirectories).Length, dropped.Take()![EventRank.Information]);
    }

    private void LeaveBehind(int processes, int bytes)
    {
        for (var number = 0; number < processes; number++)
        {
            using var dead = new EventSpool(Base, $"dead-{number}", 64 * 1024, 1 << 20, new DropCounts());
            var record = new System.Buffers.ArrayBufferWriter<byte>();
            SpoolRecord.Append(record, new byte[bytes - SpoolRecord.HeaderBytes]);
            dead.Append(EventRank.Information, record.WrittenSpan, 1);
        }
    }

    public void Dispose() => _folder.Dispose();
}
