using Broker.Logging.Spool;
using Broker.Tests.Support;

namespace Broker.Tests.Unit.Logging.Spool;

public sealed class When_processes_share_a_spool : IDisposable
{
    private readonly TestFolder _folder = new();

    private string Base => Path.Combine(_folder.Path, "logs");

    [Fact]
    public void The_folder_of_one_that_lives_is_left_alone()
    {
        using var alive = SpoolShare.Create(Base, "alive");
        alive.NewSegment(EventRank.Information).Close();

        Assert.Empty(SpoolShare.TakeOver(Base));
    }

    [Fact]
    public void The_folder_of_one_that_ended_is_taken_over_by_one_other()
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
    public void A_folder_with_nothing_in_it_goes_with_its_process()
    {
        SpoolShare.Create(Base, "idle").Dispose();

        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void Folders_that_are_somebody_elses_are_left_alone()
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
    public void An_empty_file_of_a_dead_process_holds_up_nothing()
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
    public void Owners_of_one_name_have_folders_of_their_own()
    {
        using var one = SpoolShare.Create(Base, "host/1:x");
        using var other = SpoolShare.Create(Base, "host/1:x");

        Assert.Equal(2, Directory.GetDirectories(_folder.Path).Length);
    }

    [Fact]
    public void What_was_left_is_taken_over_as_far_as_there_is_room_and_the_rest_stays()
    {
        LeaveBehind(5, 1000);
        using var spool = new EventSpool(Base, "alive", 64 * 1024, 2500, new DropCounts());

        Assert.Equal(2, spool.TakeOver());
        Assert.Equal(5, Directory.GetFiles(_folder.Path, "*.seg", SearchOption.AllDirectories).Length);
        spool.ReleaseTakenOver();
        Assert.Equal(2, spool.TakeOver());
    }

    [Fact]
    public void What_was_left_again_and_again_does_not_fill_the_disk()
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
